import { nodeListener } from './listener-node.ts';
import { perlListener } from './listener-perl.ts';
import { pythonListener } from './listener-python.ts';

/** The programs of which a container needs one, in the order in which they are tried, with what they run. */
export const listeners = {
  python3: pythonListener,
  python: pythonListener,
  perl: perlListener,
  node: nodeListener,
} as const;

export type ListenerTool = keyof typeof listeners;

export const isListenerTool = (word: string): word is ListenerTool => Object.hasOwn(listeners, word);

/** Exit code of the bootstrap where none of them works. */
export const noToolCode = 91;
/** Begins the line that names the program that was found. */
export const toolLine = '//listener ';

/**
 * Finds a program that works and waits for what that should run: its length, a line, and the text. Settings of the image
 * for its own programs must not reach ours; a debugger of theirs would want a port.
 */
export const bootstrap = `
unset NODE_OPTIONS PERL5OPT PERL5LIB PYTHONPATH PYTHONSTARTUP
try() { command -v "$1" >/dev/null 2>&1 && "$@" >/dev/null 2>&1 </dev/null; }
if try python3 -c 'import select, socket'; then set -- python3 -c
elif try python -c 'import select, socket'; then set -- python -c
elif try perl -MSocket=getaddrinfo -MFcntl -e 1; then set -- perl -e
elif try node -e 0; then set -- node -e
else exit ${noToolCode}; fi
echo "${toolLine}$1"
read -r n && code=$(dd bs=1 count="$n" 2>/dev/null) && exec "$@" "$code"
`;
