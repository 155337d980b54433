/**
 * Draws captured terminals (text with ANSI colours, as `tmux capture-pane -p -e` writes it) as windows one below the
 * other: node docs/images/to-svg.mjs OUT.svg 'TITLE=CAPTURE' …
 */
import { readFileSync, writeFileSync } from 'node:fs';

const columns = 100;
const cell = { width: 8.4, height: 19 };
const padding = 18;
const bar = 34;
const gap = 18;
const text = '#d6deeb';
const palette = {
  30: '#3b4252',
  31: '#ef6b73',
  32: '#7fd88f',
  33: '#e5c07b',
  34: '#82aaff',
  35: '#c792ea',
  36: '#7fdbca',
  37: text,
  90: '#7f8ea3',
};

const [out, ...windows] = process.argv.slice(2);
const width = columns * cell.width + 2 * padding;
let top = 0;
const drawn = windows.map((argument) => {
  const [title, file] = argument.split('=');
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const height = bar + lines.length * cell.height + 2 * padding - 6;
  const window = drawWindow({ title, lines, top, height });
  top += height + gap;
  return window;
});
const height = top - gap;
writeFileSync(
  out,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">
${drawn.join('\n')}
</svg>
`,
);

function drawWindow({ title, lines, top, height }) {
  const dots = ['#ef6b73', '#e5c07b', '#7fd88f'].map(
    (color, index) => `<circle cx="${padding + 6 + index * 20}" cy="${top + 19}" r="6" fill="${color}"/>`,
  );
  const rows = lines.map((line, index) => drawLine(line, top + bar + padding + index * cell.height + 8));
  return `<rect y="${top}" width="${width}" height="${height}" rx="10" fill="#0f1720"/>
${dots.join('')}
<text x="${width / 2}" y="${top + 24}" fill="#7f8ea3" text-anchor="middle" font-size="13">${escape(title)}</text>
${rows.filter(Boolean).join('\n')}`;
}

function drawLine(line, y) {
  let column = 0;
  let style = { fill: text, bold: false };
  const spans = [];
  for (const part of line.split(/(\u001b\[[\d;]*m)/)) {
    const codes = /^\u001b\[([\d;]*)m$/.exec(part);
    if (codes) style = codes[1].split(';').reduce((now, code) => applyCode(now, Number(code)), style);
    else {
      // each run of words has its own place, so that columns stay columns in every font
      for (const { 0: words, index } of part.matchAll(/\S+(?: \S+)*/g)) {
        const x = (padding + (column + index) * cell.width).toFixed(1);
        const weight = style.bold ? ' font-weight="bold"' : '';
        const length = ([...words].length * cell.width).toFixed(1);
        spans.push(`<tspan x="${x}" textLength="${length}" fill="${style.fill}"${weight}>${escape(words)}</tspan>`);
      }
      column += [...part].length;
    }
  }
  return spans.length > 0 ? `<text y="${y}">${spans.join('')}</text>` : '';
}

function applyCode(style, code) {
  if (code === 0) return { fill: text, bold: false };
  if (code === 1) return { ...style, bold: true };
  if (code === 22) return { ...style, bold: false };
  if (code === 39) return { ...style, fill: text };
  return palette[code] ? { ...style, fill: palette[code] } : style;
}

function escape(words) {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
