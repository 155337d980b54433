import { StringDecoder } from 'node:string_decoder';
import { fieldsOf } from './protobuf.ts';

/** Lines of a failed instruction that an error shows. */
const shownLines = 15;

export interface BuildListener {
  /** An instruction begins. */
  onStep(step: string): void;
  /** What the engine prints, line by line. */
  onOutput(line: string): void;
}

/** An instruction and its last lines. */
export interface StepOutput {
  readonly step: string;
  readonly lines: readonly string[];
}

interface Vertex {
  readonly step: string;
  readonly lines: string[];
  readonly decoder: StringDecoder;
  rest: string;
  hasBegun: boolean;
  error: string;
}

/** Collects the end of the output of one instruction. */
export function keepLine(lines: string[], line: string): void {
  lines.push(line);
  if (lines.length > shownLines) lines.shift();
}

/**
 * Reads the progress of BuildKit, `moby.buildkit.v1.StatusResponse` (source: its `control.proto`): instructions are
 * vertexes and run beside each other, their output comes in pieces.
 */
export class BuildTrace {
  readonly #listener: BuildListener;
  readonly #vertexes = new Map<string, Vertex>();

  constructor(listener: BuildListener) {
    this.#listener = listener;
  }

  /** Takes one message. Throws a `RangeError` at what is none. */
  read(message: Buffer): void {
    for (const [number, value] of fieldsOf(message)) {
      if (typeof value === 'number') continue;
      if (number === 1) this.#readVertex(value);
      if (number === 3) this.#readOutput(value);
    }
  }

  /** The instruction that failed by itself: others only stop because of it. */
  failed(): StepOutput | undefined {
    const failed = [...this.#vertexes.values()].filter(({ error }) => error !== '');
    const vertex = failed.find(({ error }) => !/context canceled$/.test(error)) ?? failed[0];
    return vertex && { step: vertex.step, lines: vertex.rest === '' ? vertex.lines : [...vertex.lines, vertex.rest] };
  }

  /** `Vertex { digest = 1, name = 3, cached = 4, started = 5, completed = 6, error = 7 }` */
  #readVertex(message: Buffer): void {
    const fields = new Map(fieldsOf(message));
    const text = (number: number) => fields.get(number)?.toString() ?? '';
    const vertex = this.#vertexes.get(text(1)) ?? {
      step: text(3),
      lines: [],
      decoder: new StringDecoder(),
      rest: '',
      hasBegun: false,
      error: '',
    };
    this.#vertexes.set(text(1), vertex);
    vertex.error = text(7);
    if (fields.has(4)) this.#listener.onOutput(`cached: ${vertex.step}`);
    else if (fields.has(5) && !vertex.hasBegun) {
      vertex.hasBegun = true;
      this.#listener.onStep(vertex.step);
    }
  }

  /** `VertexLog { vertex = 1, msg = 4 }` */
  #readOutput(message: Buffer): void {
    const fields = new Map(fieldsOf(message));
    const vertex = this.#vertexes.get(fields.get(1)?.toString() ?? '');
    const piece = fields.get(4);
    if (!vertex || typeof piece !== 'object') return;
    const lines = (vertex.rest + vertex.decoder.write(piece)).split(/\r?\n/);
    vertex.rest = lines.pop() ?? '';
    for (const line of lines) {
      keepLine(vertex.lines, line);
      this.#listener.onOutput(line);
    }
  }
}
