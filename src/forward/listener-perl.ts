import { creditBytes, windowBytes } from './frames.ts';
import { silenceSeconds } from './listener-silence.ts';

/** The listener for Perl 5.14 and newer, with what the smallest packages of it have. See the one for Python. */
export const perlListener = `
use strict; use Errno; use Fcntl; use Socket qw(:DEFAULT getaddrinfo IPPROTO_IPV6 IPV6_V6ONLY IPPROTO_TCP TCP_NODELAY);
$SIG{PIPE} = 'IGNORE'; binmode STDIN; binmode STDOUT;
my (%ports, %conns, $last, $inbox); $last = 0; $inbox = '';
sub put { my ($kind, $id, $data) = @_; $data = '' unless defined $data;
  my $out = pack('a1NN', $kind, $id, length $data) . $data;
  while (length $out) { my $n = syswrite(STDOUT, $out);
    if (!defined $n) { next if $!{EINTR}; exit 1 } substr($out, 0, $n) = '' } }
sub free { my $s = shift; fcntl($s, F_SETFL, O_NONBLOCK | fcntl($s, F_GETFL, 0)) }
sub name { for (qw(EADDRINUSE EACCES EADDRNOTAVAIL EAFNOSUPPORT)) { return $_ if $!{$_} } "$!" }
sub hark { my ($id, $words) = @_; my ($address, $port) = split / /, $words;
  my ($err, $where) = getaddrinfo($address, $port, { socktype => SOCK_STREAM });
  return put('E', $id, "$err") if $err;
  my $v6 = $where->{family} == AF_INET6; my $s;
  socket($s, $where->{family}, SOCK_STREAM, 0) or return put('E', $id, name());
  setsockopt($s, SOL_SOCKET, SO_REUSEADDR, 1);
  setsockopt($s, IPPROTO_IPV6, IPV6_V6ONLY, 1) if $v6;
  bind($s, $where->{addr}) && listen($s, 128) or return put('E', $id, name());
  free($s); $ports{fileno $s} = [$s, $id]; put('L', $id) }
sub take { my ($s, $id) = @{$_[0]}; my $sock;
  accept($sock, $s) or return select(undef, undef, undef, 0.02);
  free($sock); setsockopt($sock, IPPROTO_TCP, TCP_NODELAY, 1); $last++;
  $conns{$last} = { sock => $sock, id => $last, buf => '', win => ${windowBytes}, owed => 0 };
  put('O', $last, pack('N', $id)) }
sub forget { my $c = shift; delete $conns{$c->{id}}; close $c->{sock} }
sub reset_ { my $c = shift; setsockopt($c->{sock}, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0)); forget($c) }
sub broke { my $c = shift; put('C', $c->{id}); reset_($c) }
sub settle { my $c = shift;
  if ($c->{fin} && !length $c->{buf} && !$c->{shut}) { $c->{shut} = 1; shutdown($c->{sock}, 1) or return broke($c) }
  forget($c) if $c->{shut} && $c->{eof} }
sub again { $!{EAGAIN} || $!{EINTR} }
sub get { my $c = shift; my $n = sysread($c->{sock}, my $data, 32768);
  return again() || broke($c) if !defined $n;
  if ($n) { $c->{win} -= $n; return put('D', $c->{id}, $data) }
  $c->{eof} = 1; put('F', $c->{id}); settle($c) }
sub give { my $c = shift; my $n = syswrite($c->{sock}, $c->{buf}, 65536);
  return again() || broke($c) if !defined $n;
  substr($c->{buf}, 0, $n) = ''; $c->{owed} += $n;
  if ($c->{owed} >= ${creditBytes}) { put('W', $c->{id}, pack('N', $c->{owed})); $c->{owed} = 0 }
  settle($c) }
sub hear { my ($kind, $id, $data) = @_;
  return hark($id, $data) if $kind eq 'L';
  my $c = $conns{$id} or return;
  if ($kind eq 'D') { $c->{buf} .= $data } elsif ($kind eq 'W') { $c->{win} += unpack('N', $data) }
  elsif ($kind eq 'C') { reset_($c) } elsif ($kind eq 'F') { $c->{fin} = 1; settle($c) } }
while (1) {
  alarm ${silenceSeconds};
  while (1) {
    my ($r, $w, %byfd) = ('', ''); vec($r, 0, 1) = 1;
    vec($r, $_, 1) = 1 for keys %ports;
    for my $c (values %conns) { my $fd = fileno $c->{sock}; $byfd{$fd} = $c;
      vec($r, $fd, 1) = 1 if $c->{win} > 0 && !$c->{eof}; vec($w, $fd, 1) = 1 if length $c->{buf} }
    next if select($r, $w, undef, undef) < 0;
    for my $fd (keys %ports) { take($ports{$fd}) if vec($r, $fd, 1) }
    for my $fd (keys %byfd) { my $c = $byfd{$fd};
      give($c) if vec($w, $fd, 1);
      get($c) if vec($r, $fd, 1) && $conns{$c->{id}} }
    last if vec($r, 0, 1) }
  my $n = sysread(STDIN, $inbox, 65536, length $inbox);
  next if !defined $n && $!{EINTR};
  last if !$n;
  my $at = 0;
  while (length($inbox) - $at >= 9) { my ($kind, $id, $size) = unpack('a1NN', substr($inbox, $at, 9));
    last if length($inbox) - $at < 9 + $size;
    hear($kind, $id, substr($inbox, $at + 9, $size)); $at += 9 + $size }
  substr($inbox, 0, $at) = '' }
`;
