import type { Image } from "./client.js";

export interface ImgAttributes {
  src: string;
  srcset: string;
  sizes: string;
  width: number;
  height: number;
  alt: string;
  style: string;
}

/**
 * Return the attributes of an `img`: the browser picks the size that it needs, and keeps
 * the place until then. Null after a take-down. `sizes` is the width on the page.
 */
export function imgAttributes(image: Image, sizes = "100vw"): ImgAttributes | null {
  if (!image.renditions) return null;
  return {
    src: image.renditions.medium,
    srcset: image.renditions.srcset,
    sizes,
    width: image.width,
    height: image.height,
    alt: image.alt_text,
    style: image.dominant_color ? `background: ${image.dominant_color}` : "",
  };
}
