export { type Filters, type Image, MediaBackend, type User } from "./client.js";
export type { Call, Options, Tokens } from "./connection.js";
export { ApiError } from "./errors.js";
export { type ImgAttributes, imgAttributes } from "./pictures.js";
export type { components, operations, paths } from "./schema.js";
export type { Picture, Texts, UploadedImage, UploadOptions } from "./upload.js";
