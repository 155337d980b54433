/**
 * The agent: a shell program that stays in the container for a whole session and does what it is told, one request
 * after the other. It needs `sh`, `find`, `stat`, `tar`, `dd`, `xargs`, `mv`, `rm` as BusyBox and GNU have them (our
 * reference, `streams.md` section 3). Names of files come in the requests, quoted; none is part of this text.
 */

/** Comes in the command line, which proxies limit to a few KiB; the program itself follows on stdin. */
export const bootstrap = 'read -r n && eval "$(dd bs=1 count="$n" 2>/dev/null)"';

/** Exit codes of the agent, and of a request. */
export const exitCodes = { noRoot: 90, noTool: 91, rootGone: 92, rootReplaced: 93, rootRefused: 94 } as const;

/** Begins what the agent says when it has come up. */
export const helloLine = '//hello ';

/** Begins the line that ends the answer to a request, with the name of the session, which no file can know. */
export const endLine = (session: string): string => `//end ${session} `;

/**
 * Raw mode, size, mtime in seconds, mtime and ctime as text: all that tells a change and every `stat` knows. The texts
 * have fractions, which tell apart two edits of the same second and size, and an edit from a file that we placed, whose
 * mtime has none.
 */
const fingerprint = '%f %s %Y %y %z';

/**
 * `$1` is the root, `$2` names the session, `$3` says how deep `find` looks, the rest are names of folders that are not entered.
 *
 * The stage is a folder on the file system of the root, so that a staged file can be renamed to its place and no reader
 * sees half of it: beside the root if it may be, where no tool that watches the root notices it, else in it. Only a
 * hard link tells whether both are on one file system and mount. A container in which nothing can be written has none.
 *
 * The identity is the same as long as it is the same container with the same root: a restarted container, another pod
 * and a root that was made anew have another one. Its inode does not tell the latter, since a new folder often gets that
 * of the one deleted before, and overlay changes its birth time at the first write; so a file of ours, made once, lies
 * in the root; a `.gitignore` beside it hides both. Where nothing can be written there is none. (For tests: `DEVSPACE_SYNC_IDENTITY`.)
 *
 * `find -newer` of BusyBox compares whole seconds, so there the marker lies a second back. It has no `-cnewer`: what keeps
 * its mtime, such as a new mode, is found there only when everything is looked at.
 *
 * A stage is left over only where the agent was killed; the next one takes it away if it stands in the same container and
 * its process is gone, or if nobody used it for ten minutes.
 *
 * Overlay may show a file of the image and its new hard link with two inodes; then their times tell that they are one.
 *
 * Who is gone reads no answer either: a broken pipe must not end the agent before it has cleaned up.
 *
 * `read -t`, where the shell has it, ends the agent when nobody has spoken to it for two minutes; the end of stdin ends
 * it at once.
 */
export const agentScript = `export LC_ALL=C TZ=UTC0
fp='${fingerprint}'
mkdir -p -- "$1" 2>/dev/null; cd -- "$1" || exit ${exitCodes.noRoot}
root=$(pwd -P); cd -- "$root" || exit ${exitCodes.noRoot}
[ "$root" != / ] || exit ${exitCodes.rootRefused}
for tool in find stat tar dd xargs mv rm sort sed; do command -v $tool >/dev/null 2>&1 || { echo "$tool" >&2; exit ${exitCodes.noTool}; }; done
[ "$(echo abc | dd bs=4 count=1 iflag=fullblock 2>/dev/null)" = abc ] || { echo 'dd with iflag=fullblock' >&2; exit ${exitCodes.noTool}; }
sum=; for tool in md5sum sha1sum cksum; do if [ -z "$sum" ] && command -v $tool >/dev/null 2>&1; then sum=$tool; fi; done
inode=$(stat -c %i .)
mark="$(cat /proc/sys/kernel/random/boot_id 2>/dev/null) $(cut -d' ' -f22 /proc/1/stat 2>/dev/null)"
stage=
for place in "\${root%/*}" "$root"; do
  find "$place/" -maxdepth 1 -name '.devspace-sync.*' -mmin +10 -exec rm -rf {} + 2>/dev/null
  for old in "$place"/.devspace-sync.*; do
    boot=; { read -r boot begin pid <"$old/who"; } 2>/dev/null
    if [ -n "$boot" ] && [ "$boot $begin" = "$mark" ] && [ ! -d "/proc/$pid" ]; then rm -rf -- "$old" 2>/dev/null; fi
  done
  s=$place/.devspace-sync.$2
  [ -z "$stage" ] && mkdir -- "$s" 2>/dev/null || continue
  if echo >"$s/m0" 2>/dev/null && ln "$s/m0" "$root/.devspace-sync.$2.link" 2>/dev/null || [ "$place" = "$root" ]; then stage=$s
  else rm -rf -- "$s"; fi
  rm -f -- "$root/.devspace-sync.$2.link"
done
coarse=; cnewer=; last=$(date +%s)
[ -z "$stage" ] || {
  echo "$mark $$" >"$stage/who"
  touch -d '2020-01-01 00:00:00.2' "$stage/m1" 2>/dev/null; touch -d '2020-01-01 00:00:00.6' "$stage/m2" 2>/dev/null
  [ -n "$(find "$stage/m2" -newer "$stage/m1" 2>/dev/null)" ] || coarse=1
  find "$stage/m0" -cnewer "$stage/m0" >/dev/null 2>&1 && cnewer=1
  cp "$stage/m0" "$stage/m1"; cp "$stage/m0" "$stage/m2"
}
trap '[ -z "$stage" ] || rm -rf -- "$stage"' EXIT
trap 'exit 1' HUP INT TERM
trap '' PIPE
session=$2 depth=$3
shift 3
prune=
for name; do prune="$prune -name $name -o"; done
wait=; (read -t 1 -r x </dev/null; [ $? = 1 ]) 2>/dev/null && wait='-t 120'
notify=; command -v inotifywait >/dev/null 2>&1 && notify=inotifywait
token=.devspace/sync-id
[ -z "$stage" ] || [ -s $token ] || {
  echo "$session" >"$stage/id" && mkdir -p .devspace && { ln "$stage/id" $token || [ -s $token ] || cp "$stage/id" $token; }
  [ -e .devspace/.gitignore ] || echo '*' >.devspace/.gitignore
} 2>/dev/null
id=$(cat $token 2>/dev/null)
identity="$id $DEVSPACE_SYNC_IDENTITY $mark $(stat -c '%d %i' .) $(grep ' / / ' /proc/self/mountinfo 2>/dev/null)"
identity=$(printf %s "$identity" | $sum)
echo "${helloLine}\${identity%% *} \${notify:-poll} $$"
echo "$stage"
echo "$root"

export fp
nl='
'
folders='for f; do
  shift
  if [ -d "$f" ] && [ ! -L "$f" ]; then
    find "$f" -mindepth 1 -maxdepth 1 -exec stat -c "$fp %n//" {} + 2>/dev/null && printf "//folder %s//\\n" "$f"
  else set -- "$@" "$f"; fi
done
[ $# = 0 ] || stat -c "$fp %n//" "$@" 2>/dev/null
:'
export folders
take() { [ "$1" = 0 ] || dd bs="$1" count=1 iflag=fullblock 2>/dev/null; }
unpack() { mkdir -p -- "$stage/$1" && take "$2" | { tar -xof - -C "$stage/$1" >&2; rc=$?; cat >/dev/null; exit $rc; }; }
root_is_there() {
  cd -- "$root" 2>/dev/null || exit ${exitCodes.rootGone}
  now=; { read -r now <$token; } 2>/dev/null
  [ -n "$now" ] && [ "$now" = "$id" ] || [ "$(stat -c %i .)" = "$inode" ] || exit ${exitCodes.rootReplaced}
}
find_in() { d=$1; shift; find "$d" -mindepth 1 $depth "$@" \\( -type d \\( $prune -name .devspace \\) -o -name '.devspace-sync.*' \\) -prune -o -exec stat -c "$fp %n//" {} + 2>/dev/null; }
all() {
  root_is_there
  if [ -n "$stage" ] && [ -n "$sum" ]; then
    if find_in . >"$stage/list"; then kind=LIST; else kind=PART; fi
    now=$(sed 's/^4[0-9a-f]* [0-9]* -*[0-9]*\\( [^ ]* [^ ]* [^ ]*\\)\\{2\\} \\.\\//d .\\//' "$stage/list" | sort | $sum); now=\${now%% *}
    if [ "$now" = "$1" ]; then echo SAME; else echo $kind; cat "$stage/list"; fi
    rm -f -- "$stage/list"
  else
    echo PART; find_in .
  fi
}
changed() {
  root_is_there
  if [ -n "$coarse" ]; then
    now=$(date +%s); touch -d "@$((last - 1))" "$stage/m0"; last=$now; set -- m1 m0
  else echo >"$stage/$1"; fi
  find . $depth \\( -type d \\( $prune -name .devspace \\) -o -name '.devspace-sync.*' \\) -prune -o \\( -newer "$stage/$2" \${cnewer:+-o -cnewer "$stage/$2"} \\) -exec sh -c 'eval "$folders"' sh {} + 2>/dev/null
  :
}
fits() { want=$1; shift; [ $# = 0 ] || [ "$(stat -c "$fp" "$@" 2>/dev/null)" = "$want" ]; }
absent() { for f; do if [ -e "$f" ] || [ -L "$f" ]; then return 1; fi; done; }
exactly() { [ $# = 0 ] || stat -c '%f %s %y' "$@" 2>/dev/null; }
aside() { cd -- "$o" && "$@"; }
same() {
  for f; do
    shift
    if [ -L "$f" ] || [ ! -e "$o/$f" ] || [ "$f" -ef "$o/$f" ]; then continue; fi
    set -- "$@" "$f"
  done
  [ $# = 0 ] || { now=$(stat -c "$fp" "$@" 2>/dev/null); [ "$(aside stat -c "$fp" "$@" 2>/dev/null)" = "$now" ]; }
}
checked() {
  [ "$(aside exactly "$@")" != "$exact" ] || return 0
  for f; do
    was=\${exact%%"$nl"*}; exact=\${exact#*"$nl"}
    if [ ! -e "$o/$f" ] && [ ! -L "$o/$f" ] || [ "$(exactly "$o/$f")" = "$was" ]; then continue; fi
    if [ -z "$s" ]; then { [ -e "$f" ] || [ -L "$f" ]; } || mv -- "$o/$f" "$f"
    else mv -f -- "$o/$f" "$f"; printf '//kept %s//\\n' "$f"; fi
  done
}
one() {
  mkdir -p -- "\${2%/*}" "$o/\${2%/*}" || return
  [ -n "$1" ] || { absent "$2" && mv -n -- "$s/$2" "$2"; return; }
  exact=$(exactly "$2")
  fits "$1" "$2" || return
  ln -- "$2" "$o/$2" 2>/dev/null
  same "$2" && mv -f -- "$s/$2" "$2" && checked "$2"
}
swap() {
  if [ -n "$1" ]; then from=$s; s=; remove "$1" "$2"; s=$from; else rmdir -- "$2"; fi
  absent "$2" && mv -n -- "$s/$2" "$2"
}
remove() {
  exact=$(exactly "$2")
  fits "$1" "$2" && mkdir -p -- "$o/\${2%/*}" && mv -f -- "$2" "$o/$2" && checked "$2"
}
list() { root_is_there; sh -c 'eval "$folders"' sh "$@"; }
alive() { [ -z "$stage" ] || { mkdir "$stage/alive" && rmdir "$stage/alive"; }; }
missing() { for f; do if [ ! -e "$s/$f" ] && [ ! -L "$s/$f" ]; then printf '//kept %s//\\n' "$f"; fi; done; }
kept() { for f; do if [ -e "$s/$f" ] || [ -L "$s/$f" ]; then printf '//kept %s//\\n' "$f"; fi; done; }
left() { [ $# = 0 ] || stat -c "$fp %n//" "$@" 2>/dev/null; :; }

while read $wait -r seq size; do
  code=$(take "$size")
  eval "$code"
  echo "${endLine('$session')}$seq $?"
done
exit 0`;
