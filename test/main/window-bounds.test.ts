import { describe, expect, it } from 'vitest';
import { placeWindow, MIN_SIZE, type WindowBounds } from '../../src/main/window-bounds.ts';

const laptop = { x: 0, y: 25, width: 1440, height: 875 };
const beside = { x: 1440, y: 0, width: 1920, height: 1080 };
const place = (p: Partial<WindowBounds>): WindowBounds => ({
  x: 100,
  y: 100,
  width: 1000,
  height: 700,
  maximized: false,
  ...p,
});

describe('where the window opens', () => {
  it('is the middle of the first display, at its first start', () => {
    expect(placeWindow([laptop, beside], null)).toEqual({ x: 40, y: 33, width: 1360, height: 860, maximized: false });
  });

  it('is where it was, while that can be seen', () => {
    expect(placeWindow([laptop, beside], place({}))).toEqual(place({}));
    expect(placeWindow([laptop, beside], place({ x: 2000 }))).toEqual(place({ x: 2000 }));
    expect(placeWindow([laptop], place({ maximized: true }))).toMatchObject({ maximized: true });
  });

  it('is the first display when the one it was on is gone', () => {
    expect(placeWindow([laptop], place({ x: 2000 }))).toEqual(place({ x: 220, y: 113 }));
    expect(placeWindow([laptop], place({ y: -5000 }))).toMatchObject({ x: 220, y: 113 });
  });

  it('is moved and cut until all of it is on the display', () => {
    expect(placeWindow([laptop], place({ x: 1200, y: 800 }))).toMatchObject({ x: 440, y: 200 });
    expect(placeWindow([laptop], place({ width: 9000, height: 9000 }))).toEqual({ ...laptop, maximized: false });
    expect(placeWindow([laptop], place({ width: 1, height: -4 }))).toMatchObject(MIN_SIZE);
  });

  it('prefers the display that shows most of the title bar', () => {
    expect(placeWindow([laptop, beside], place({ x: 1340 }))).toMatchObject({ x: 1440 });
    expect(placeWindow([laptop, beside], place({ x: 500 }))).toMatchObject({ x: 440 });
  });

  it('fits a display smaller than the smallest window', () => {
    const tiny = { x: 0, y: 0, width: 600, height: 400 };
    expect(placeWindow([tiny], place({}))).toEqual({ ...tiny, maximized: false });
  });
});
