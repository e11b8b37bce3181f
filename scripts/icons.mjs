// @ts-check
// node scripts/icons.mjs: draws build/icon.svg in the sizes and containers the installers want. Run by hand after a change
// of the drawing; needs Chromium.
import './ensure-node.mjs';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { ROOT } from './build.mjs';

const svg = readFileSync(join(ROOT, 'build/icon.svg'), 'utf8');
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
const page = await browser.newPage();

/** @param {number} size @returns {Promise<Buffer>} a PNG */
async function draw(size) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>*{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`);
  return page.screenshot({ omitBackground: true });
}

/** Apple's container: a head, then each picture with its four-letter size. @param {[string, Buffer][]} pictures */
function icns(pictures) {
  const parts = pictures.map(([type, png]) => {
    const head = Buffer.alloc(8);
    head.write(type, 'latin1');
    head.writeUInt32BE(png.length + 8, 4);
    return Buffer.concat([head, png]);
  });
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(8);
  head.write('icns', 'latin1');
  head.writeUInt32BE(body.length + 8, 4);
  return Buffer.concat([head, body]);
}

/** Windows' container: a directory of pictures, PNG inside since Vista. @param {[number, Buffer][]} pictures */
function ico(pictures) {
  const head = Buffer.alloc(6 + 16 * pictures.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(pictures.length, 4);
  let at = head.length;
  pictures.forEach(([size, png], i) => {
    const entry = 6 + 16 * i;
    head.writeUInt8(size % 256, entry); // 0 means 256
    head.writeUInt8(size % 256, entry + 1);
    head.writeUInt16LE(1, entry + 4);
    head.writeUInt16LE(32, entry + 6);
    head.writeUInt32LE(png.length, entry + 8);
    head.writeUInt32LE(at, entry + 12);
    at += png.length;
  });
  return Buffer.concat([head, ...pictures.map(([, png]) => png)]);
}

const png = new Map();
for (const size of [16, 24, 32, 48, 64, 128, 256, 512]) png.set(size, await draw(size));
await browser.close();
// One file a size, as Linux desktops look for them.
mkdirSync(join(ROOT, 'build/icons'), { recursive: true });
for (const [size, picture] of png) writeFileSync(join(ROOT, `build/icons/${size}x${size}.png`), picture);
writeFileSync(join(ROOT, 'build/icon.png'), png.get(512));
writeFileSync(join(ROOT, 'build/icon.ico'), ico([16, 32, 48, 256].map((size) => [size, png.get(size)])));
writeFileSync(
  join(ROOT, 'build/icon.icns'),
  icns([
    ['ic07', png.get(128)],
    ['ic08', png.get(256)],
    ['ic09', png.get(512)],
  ]),
);
