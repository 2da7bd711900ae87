/*
 * Files that go with a message. Text goes as text, to any model; pictures and PDFs go as what they are, to models that take
 * them. They are kept as data: URLs, so that a conversation can be exported, and asked again, as it is.
 */

/** @typedef {import("./history.js").Attached} Attached */

const IMAGES = ["image/png", "image/jpeg", "image/webp", "image/gif"];
const PDF = "application/pdf";
const LARGEST_TEXT = 500_000; // bytes
const LARGEST_FILE = 10_000_000; // bytes; a third more as a data: URL, and a request has 20 MiB
const EDGE = 2048; // pixels: no model looks at more, and all are paid for

/** What a kind of file asks of a model. @param {Attached} file @returns {"image" | "file" | null} */
export function needs({ type, url }) {
  if (!url) return null;
  return type.startsWith("image/") ? "image" : "file";
}

/** @param {File} file @returns {Promise<Attached>} @throws {Error} what to tell the person, where it can not be taken */
export async function attach(file) {
  const { name, type, size } = file;
  if (IMAGES.includes(type)) return image(file);
  if (type === PDF) return { name, type, size, url: await dataUrl(within(file, LARGEST_FILE)) };
  if (type.startsWith("image/") || type.startsWith("video/") || type.startsWith("audio/")) throw new Error(`${name} is of a kind that models do not read. PNG, JPEG, WebP and GIF are.`);
  const text = await within(file, LARGEST_TEXT).text();
  if (text.includes("\0") || text.includes("\ufffd")) throw new Error(`${name} is no text, no picture and no PDF.`);
  return { name, type: type || "text/plain", size, text };
}

/** @param {File} file @param {number} most */
function within(file, most) {
  if (file.size > most) throw new Error(`${file.name} is larger than ${most / 1000} KB.`);
  return file;
}

/** @param {File} file @returns {Promise<Attached>} */
async function image(file) {
  const { name, type, size } = file;
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error(`${name} could not be read as a picture.`);
  }
  const factor = Math.min(1, EDGE / Math.max(bitmap.width, bitmap.height));
  if (factor === 1) return { name, type, size, url: await dataUrl(within(file, LARGEST_FILE)) };
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * factor);
  canvas.height = Math.round(bitmap.height * factor);
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const smaller = type === "image/png" ? type : "image/jpeg";
  const url = canvas.toDataURL(smaller, 0.9);
  return { name, type: smaller, size: Math.round((url.length * 3) / 4), url };
}

/** @param {Blob} blob @returns {Promise<string>} */
function dataUrl(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
