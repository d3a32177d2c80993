// Drives the emulator with the official Node client and prints what it answers.
import ImageKit, { toFile } from "@imagekit/nodejs";

const [baseURL, privateKey] = process.argv.slice(2);
const client = new ImageKit({ baseURL, privateKey, maxRetries: 0 });
// A GIF of one pixel.
const pixel = Buffer.from(
  "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7",
  "base64",
);

const ids = [];
for (const name of ["a.gif", "b.gif", "c.gif"]) {
  const stored = await client.files.upload({
    file: await toFile(pixel, name),
    fileName: name,
    folder: "/node",
    useUniqueFileName: false,
    tags: ["x", "y"],
  });
  ids.push(stored.fileId);
}
const details = await client.files.get(ids[0]);
const listed = await client.assets.list({ searchQuery: 'path = "/node"' });
const delivered = await fetch(`${baseURL}/demo${details.filePath}`);
await client.files.delete(ids[0]);
const bulk = await client.files.bulk.delete({ fileIds: ids.slice(1) });
const left = await client.assets.list({ path: "/node" });
const missing = await client.files.get(ids[0]).catch((error) => error.status);

process.stdout.write(
  JSON.stringify({
    tags: details.tags,
    width: details.width,
    listed: listed.map((file) => file.name),
    delivered: delivered.status,
    deleted: bulk.successfullyDeletedFileIds.length,
    left: left.length,
    missing,
  }),
);
