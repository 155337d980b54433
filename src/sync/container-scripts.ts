/**
 * Shell programs that run in the container. They need `sh`, `find`, `stat`, `tar`, `xargs`, `mv`, `rm` as BusyBox and
 * GNU have them, and take the root as their first argument, so that no name is ever part of a program.
 */

/**
 * Raw mode, size, mtime in seconds, ctime as text: all that tells a change and every `stat` knows. The text of the
 * ctime has fractions, which tell apart two edits of the same second and size.
 */
const fingerprintFormat = '%f %s %Y %z';
/** A record of a listing: the fingerprint and the name; ended by `//`, which no path contains. */
const statFormat = `${fingerprintFormat} %n//`;

/** First line that a script prints when it could enter the root. */
export const rootLine = 'ROOT ';

const enterRoot = `mkdir -p -- "$1" && cd -- "$1" || exit 90
for tool in find stat tar xargs mv rm; do command -v $tool >/dev/null 2>&1 || { echo "$tool" >&2; exit 91; }; done`;

/** Exit codes of the scripts. */
export const exitCodes = { noRoot: 90, noTool: 91, rootGone: 92 } as const;

/**
 * Lists the root whenever a line arrives on stdin, until stdin ends: so it never outlives us. A listing that equals
 * the one before is answered by `SAME`; one during which something could not be read is marked `PART`. Every answer
 * ends with the line of the request, so a cut one is not taken for a whole one. `$2…` are names of folders that are not
 * entered; files of such a name are listed.
 */
export const listingScript = `${enterRoot}
root=$PWD
shift
prune=
for name; do prune="$prune -name $name -o"; done
echo "${rootLine}$root"
old=
while read -r request; do
  cd -- "$root" 2>/dev/null || exit ${exitCodes.rootGone}
  kind=LIST
  new=$(find . -mindepth 1 \\( -type d \\( $prune -name .devspace \\) -o -name '.devspace-sync.*' \\) -prune -o -exec stat -c '${statFormat}' {} + 2>/dev/null) || kind=PART
  if [ "$kind$new" = "$old" ]; then printf 'SAME\\n%s\\n' "$request"
  else printf '%s\\n%s\\n%s\\n' "$kind" "$new" "$request"; fi
  old=$kind$new
done`;

/**
 * Takes a tar archive on stdin and moves its files into the root: staged first, on the same file system, then renamed,
 * so that no reader sees half a file. Prints a record for everything that it placed:
 * what was moved replaces the list of arguments, so that one `stat` serves many files.
 */
export const uploadScript = `${enterRoot}
root=$PWD
stage=.devspace-sync.$$
trap 'rm -rf -- "$root/$stage"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$stage" || exit 1
tar -xof - -C "$stage" || exit 1
cd "$stage" || exit 1
find . -mindepth 1 -type d -exec sh -c 'cd .. || exit 1; for f do
  if [ -L "$f" ] || { [ -e "$f" ] && [ ! -d "$f" ]; }; then rm -f -- "$f"; fi
  [ -d "$f" ] || mkdir -p -- "$f"; done; stat -c "${statFormat}" "$@"' sh {} +
find . -mindepth 1 ! -type d -exec sh -c 's=$1; shift; cd .. || exit 1; for f do
  shift
  if [ -d "$f" ]; then if [ -L "$f" ]; then rm -f -- "$f"; else rm -rf -- "$f"; fi; fi
  mv -f -- "$s/$f" "$f" && set -- "$@" "$f"; done
  [ $# = 0 ] || stat -c "${statFormat}" "$@"' sh "$stage" {} +`;

/**
 * Deletes the files that are named on stdin (`FINGERPRINT ./NAME`, ended by zero bytes) if they still are what the
 * fingerprint says: an edit beats a deletion. One `stat` looks at a hundred files, since a process for each takes many
 * seconds for a large folder; where one of them differs, each is looked at by itself.
 */
export const deleteFilesScript = `${enterRoot}
xargs -0 -n 100 sh -c 'all() {
  want=
  for f do want="$want\${f%% ./*}
"; shift; set -- "$@" "./\${f#* ./}"; done
  [ "$(stat -c "${fingerprintFormat}" "$@" 2>/dev/null)
" = "$want" ] && rm -f -- "$@"
}
all "$@" || for f do
  seen=\${f%% ./*}; f=./\${f#* ./}
  [ "$(stat -c "${fingerprintFormat}" "$f" 2>/dev/null)" = "$seen" ] && rm -f -- "$f"; done; :' sh`;

/** Deletes the folders that are named on stdin (ended by zero bytes, children first) if they are empty. */
export const deleteFoldersScript = `${enterRoot}
xargs -0 rmdir -- 2>/dev/null || :`;

/**
 * Sends the names on stdin (ended by zero bytes) as one tar archive. Must get fewer than 32 KiB of names. What vanished
 * meanwhile or may not be read is left out (then `tar` fails and `xargs` ends with 123).
 */
export const downloadScript = `${enterRoot}
xargs -0 tar -cf -
code=$?
[ $code = 123 ] || exit $code`;
