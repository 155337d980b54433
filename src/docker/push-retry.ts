/** How often a push is tried before its failure counts. */
const pushTries = 4;

/**
 * What a registry or a network says that works again soon. The engine gives words only: those of the registry (a status from 500 on, too
 * many requests) or of Go's `net/http`. Not among them: a refused connection, which is a wrong address far more often.
 */
const passing = [
  /unexpected HTTP status: 5\d\d\b/i,
  /\b(?:500 Internal Server Error|502 Bad Gateway|503 Service Unavailable|504 Gateway Time-?out)\b/i,
  /\b429 Too Many Requests\b|toomanyrequests/i,
  /TLS handshake timeout|i\/o timeout|Client\.Timeout exceeded/i,
  /connection reset by peer|broken pipe|http2: server sent GOAWAY/i,
  /\bEOF$/,
];

/** Whether a push that failed with these words, after so many tries, is worth another one. */
export function planPushRetry(words: string, tries: number): 'try again' | 'give up' {
  return tries < pushTries && passing.some((pattern) => pattern.test(words.trim())) ? 'try again' : 'give up';
}
