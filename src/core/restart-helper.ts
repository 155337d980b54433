/** Stands in the command line of the helper, by which a request finds it; the request itself has only its beginning. */
const nameStart = 'devspace-restart';
const restartHelperName = `${nameStart}-helper`;

/** Seconds that a program has to end before it is killed. */
const patience = 5;
/** Seconds after which a program that ended by itself is started again, as in the original. */
const pause = 7;

/**
 * Runs the program that its arguments name, and again when it gets USR1; what it starts itself goes with it where
 * `setsid` is there. A program that ends by itself is started again after a pause, so that the fix can be synchronised
 * into the container. TERM ends both. Nothing is written anywhere, so it works in a read-only container and for any
 * user (our reference, `spec-sync.md` section 11, tells how the original's works).
 */
const script = `exec 3<&0
trap : USR2
group=; command -v setsid >/dev/null 2>&1 && group=-
again=; ended=; child=
end() {
  [ -n "$child" ] || return 0
  kill -TERM "$group$child" 2>/dev/null
  sh -c 'sleep ${patience}; kill -KILL "$1" 2>/dev/null' sh "$group$child" </dev/null >/dev/null 2>&1 3<&- &
  guard=$!
}
trap 'again=1; end' USR1
trap 'ended=1; end' TERM INT
while :; do
  again=; guard=
  if [ -n "$group" ]; then setsid "$@" <&3 3<&- & else "$@" <&3 3<&- & fi
  child=$!
  while :; do wait "$child"; code=$?; kill -0 "$child" 2>/dev/null || break; done
  child=
  [ -z "$guard" ] || kill "$guard" 2>/dev/null
  [ -z "$ended" ] || exit "$code"
  [ -z "$again" ] || { echo 'DevSpace restarts the program' >&2; continue; }
  echo "The program ended with exit code $code; DevSpace starts it again in ${pause} seconds" >&2
  sleep ${pause} 3<&- & sleeper=$!
  wait "$sleeper"; kill "$sleeper" 2>/dev/null
  [ -z "$ended" ] || exit "$code"
done`;

/** Runs no program before it gets USR2, which is nothing new to it afterwards. */
const waitingScript = `started=
trap 'started=1' USR2
trap 'exit 143' TERM INT
while [ -z "$started" ]; do sleep 1 & wait "$!"; done
${script}`;

/** The words to put before the words of a program. */
export const restartHelper: readonly string[] = ['sh', '-c', script, restartHelperName];

/** The same for a program that is not to run before its files are there. */
export const waitingRestartHelper: readonly string[] = ['sh', '-c', waitingScript, restartHelperName];

/** Exit code of the request where no helper runs. */
export const noRestartHelper = 3;

/** A command in the container that sends the helper a signal. */
const requestOf = (signal: string): readonly string[] => [
  'sh',
  '-c',
  `for file in /proc/[0-9]*/cmdline; do
  if tr '\\0' '\\n' <"$file" 2>/dev/null | grep -qx "$1-helper"; then
    pid=\${file#/proc/}
    kill -${signal} "\${pid%/cmdline}" && exit 0
  fi
done
exit ${noRestartHelper}`,
  'sh',
  nameStart,
];

/** Asks the helper to start its program anew, as a command in the container. */
export const restartCommand: readonly string[] = requestOf('USR1');

/** Lets a waiting helper start its program; nothing new to one that has. */
export const startCommand: readonly string[] = requestOf('USR2');
