/**
 * The continents as rough outlines, drawn by hand for this page: longitude, latitude, in degrees. A map of dots needs no
 * more, and no server of tiles.
 */
const outlines: readonly (readonly number[])[] = [
  // North America
  [
    -168, 66, -156, 71, -128, 70, -110, 68, -95, 72, -82, 68, -94, 59, -85, 55, -80, 52, -79, 62, -65, 59, -56, 52, -66,
    49, -60, 46, -70, 43, -76, 35, -81, 31, -80, 25, -84, 30, -97, 28, -97, 21, -91, 19, -87, 21, -88, 16, -83, 15, -83,
    9, -78, 8, -86, 12, -95, 16, -105, 20, -110, 24, -114, 31, -118, 34, -124, 40, -124, 48, -133, 56, -150, 60, -165,
    55, -158, 59, -166, 62,
  ],
  // Greenland
  [-55, 82, -30, 83, -18, 78, -22, 70, -40, 65, -44, 60, -52, 65, -56, 75, -68, 78],
  // South America
  [
    -78, 8, -72, 12, -62, 10, -51, 4, -44, -2, -35, -6, -39, -16, -48, -26, -57, -36, -65, -42, -68, -53, -74, -50, -73,
    -38, -70, -20, -76, -14, -81, -5,
  ],
  // Africa
  [
    -6, 36, 10, 37, 20, 32, 33, 31, 37, 21, 43, 12, 51, 12, 41, -3, 40, -15, 35, -24, 28, -33, 19, -34, 12, -18, 13, -8,
    9, 2, 6, 5, -8, 5, -15, 11, -17, 20, -10, 30,
  ],
  // Europe and Asia
  [
    -9, 37, -9, 43, -1, 44, -4, 48, 5, 52, 8, 57, 11, 55, 20, 55, 24, 59, 30, 60, 22, 61, 25, 65, 17, 61, 14, 56, 7, 58,
    6, 62, 15, 68, 28, 71, 42, 67, 55, 68, 68, 72, 82, 73, 105, 77, 113, 73, 140, 72, 160, 70, 178, 69, 178, 64, 163,
    60, 160, 53, 155, 59, 141, 59, 135, 54, 140, 48, 130, 42, 128, 36, 126, 38, 121, 39, 122, 31, 114, 22, 108, 21, 109,
    12, 105, 9, 100, 13, 104, 2, 98, 10, 94, 18, 88, 22, 80, 15, 77, 8, 72, 20, 66, 25, 56, 27, 48, 30, 52, 24, 59, 22,
    52, 16, 44, 13, 39, 21, 35, 29, 36, 36, 27, 37, 27, 41, 40, 42, 30, 46, 24, 38, 19, 42, 12, 45, 18, 40, 12, 38, 8,
    44, 3, 42, -1, 37,
  ],
  // Britain, Ireland, Iceland
  [-5, 50, 1, 51, -2, 56, -5, 58],
  [-10, 52, -6, 53, -8, 55],
  [-24, 65, -14, 65, -18, 66],
  // Japan
  [130, 31, 136, 34, 141, 36, 142, 44, 145, 44, 140, 39, 134, 35],
  // Indonesia and New Guinea
  [95, 5, 106, -6, 103, -1],
  [109, 1, 117, 7, 118, 1, 114, -4],
  [105, -7, 115, -8, 114, -7],
  [119, 0, 125, 1, 122, -5],
  [131, -1, 150, -10, 141, -9, 135, -4],
  // Philippines
  [120, 18, 122, 18, 126, 7, 122, 8],
  // Australia, New Zealand, Tasmania
  [
    114, -22, 122, -18, 131, -12, 137, -12, 136, -16, 141, -17, 143, -11, 153, -26, 150, -37, 141, -38, 131, -32, 116,
    -35,
  ],
  [173, -35, 178, -38, 174, -42, 167, -46, 172, -41],
  [145, -41, 148, -41, 147, -43],
  // Madagascar, Sri Lanka
  [44, -20, 49, -13, 50, -16, 47, -25],
  [80, 9, 82, 7, 80, 6],
];

/** Size of the map's own units: a degree is two of them; the far north and Antarctica are left out. */
export const mapSize = { width: 720, height: 276 } as const;
const north = 80;

/** Where a place stands on the map, in its own units. */
export function project(longitude: number, latitude: number): { readonly x: number; readonly y: number } {
  return { x: (longitude + 180) * 2, y: (north - latitude) * 2 };
}

function isInside(longitude: number, latitude: number, outline: readonly number[]): boolean {
  let inside = false;
  for (let at = 0, last = outline.length - 2; at < outline.length; last = at, at += 2) {
    const [x = 0, y = 0] = [outline[at], outline[at + 1]];
    const [lastX = 0, lastY = 0] = [outline[last], outline[last + 1]];
    if (y > latitude !== lastY > latitude && longitude < ((lastX - x) * (latitude - y)) / (lastY - y) + x) {
      inside = !inside;
    }
  }
  return inside;
}

/** All land as one path of dots. */
export function landPath(step = 2.6, radius = 1.55): string {
  let path = "";
  let row = 0;
  for (let latitude = north - step; latitude > -58; latitude -= step, row++) {
    for (let longitude = -179 + (row % 2) * (step / 2); longitude < 180; longitude += step) {
      if (!outlines.some((outline) => isInside(longitude, latitude, outline))) continue;
      const { x, y } = project(longitude, latitude);
      path += `M${(x - radius).toFixed(1)} ${y.toFixed(1)}a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0-${2 * radius} 0`;
    }
  }
  return path;
}
