/**
 * The DevSpace that this program stands in for: files compare it in `require.devspace` and show it with
 * `DEVSPACE_VERSION`.
 */
export const compatibleVersion = '6.3.21';
