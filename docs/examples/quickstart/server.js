const http = require('node:http');
const fs = require('node:fs');
const path = require('node:path');

const port = 3000;

http
  .createServer((request, response) => {
    // read anew for each request, so that an edit shows at once
    const text = fs.readFileSync(path.join(__dirname, 'message.txt'), 'utf8');
    response.setHeader('content-type', 'text/plain; charset=utf-8');
    response.end(text);
  })
  .listen(port, () => console.log(`Listening on port ${port}`));
