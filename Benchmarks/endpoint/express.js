// The predecessor's way to serve: what Redis has, as JSON. Express itself adds the ETag and answers 304.

const express = require("express");
const { createClient } = require("redis");

const [port, socket] = process.argv.slice(2);

async function main() {
    const redis = createClient({ socket: { path: socket } });
    await redis.connect();
    const server = express();
    server.get("/api/activity/:document", async (request, response, next) => {
        try {
            const cached = await redis.get(request.params.document);
            if (cached === null) return response.sendStatus(404);
            response.type("json").send(cached);
        } catch (error) {
            next(error);
        }
    });
    server.listen(Number(port), "127.0.0.1", 1024);
}

main();
