/** Environment variable by which the processes of a terminal are found again in the container. */
const marker = 'DEVSPACE_TERMINAL';

/** The first line on the stdin of a command that waits: it may start now. */
export const startWord = 'start';

/**
 * The command of a terminal, started through `sh` so that it carries the mark of this terminal. Without a command:
 * bash if the container has it, else sh. One that `waits` takes a first line off its stdin, and not a byte more, before
 * it starts; if its stdin ends instead, it never does.
 */
export function markedCommand(
  id: string,
  command: readonly string[] | undefined,
  start: 'at once' | 'waits' = 'at once',
): string[] {
  const wait = start === 'waits' ? 'read -r word || exit; unset word; ' : '';
  const begin = `${wait}${marker}=${id}; export ${marker}; `;
  if (command && command.length > 0) return ['sh', '-c', `${begin}exec "$@"`, 'sh', ...command];
  return ['sh', '-c', `${begin}if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi`];
}

/** What the keeper prints once it watches: the container has a shell. */
export const keeperReady = 'ready';

/** What the keeper is told on its stdin when the terminal is known to have come up. */
export const terminalStarted = 'started';

/**
 * Waits beside a terminal and hangs it up when our end is gone, even if we were killed: a closed exec leaves its
 * process running in the container (our reference, `streams.md` section 1.3). Its stdin is the link to us. Without the
 * word that the terminal has started it looks for ten seconds: we may have been cut off while the cluster was still
 * about to start it. What ignores the hang-up is killed after two seconds; a program survives only if it dropped the
 * mark on purpose. Threads of the kernel have no `exe` and are not worth a look.
 */
export function keeperCommand(id: string): string[] {
  const script = `marked() {
  n=0
  for e in /proc/[0-9]*/environ; do
    [ -e "\${e%environ}exe" ] || continue
    tr "\\0" "\\n" <"$e" 2>/dev/null | grep -qx "${marker}=${id}" || continue
    p=\${e%/environ}
    kill "-$1" "\${p##*/}" 2>/dev/null && n=1
  done
}
echo ${keeperReady}
read -r word
i=0
while marked HUP; [ $n = 0 ]; do
  i=$((i+1))
  if [ "$word" = ${terminalStarted} ] || [ $i = 20 ]; then exit 0; fi
  sleep 0.5
done
for i in 1 2 3 4 5 6 7 8 9 10; do
  marked CONT
  [ $n = 0 ] && exit 0
  sleep 0.2
done
marked KILL
exit 0`;
  return ['sh', '-c', script];
}
