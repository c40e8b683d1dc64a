/** Where machines are. A place is a city or a cloud region: coarse enough that one figure between two places says something. */
export interface Place {
  readonly id: string;
  /** Larger area that clients may insist on. */
  readonly region: string;
  readonly latitude: number;
  readonly longitude: number;
}

const place = (id: string, region: string, latitude: number, longitude: number): Place => ({
  id,
  region,
  latitude,
  longitude,
});

/** The places that are known by name; an operator's own region is one of them. Coordinates to a tenth of a degree. */
export const places: readonly Place[] = [
  place("amsterdam", "eu", 52.4, 4.9),
  place("athens", "eu", 38, 23.7),
  place("barcelona", "eu", 41.4, 2.2),
  place("berlin", "eu", 52.5, 13.4),
  place("bucharest", "eu", 44.4, 26.1),
  place("dublin", "eu", 53.3, -6.3),
  place("frankfurt", "eu", 50.1, 8.7),
  place("helsinki", "eu", 60.2, 24.9),
  place("lisbon", "eu", 38.7, -9.1),
  place("london", "eu", 51.5, -0.1),
  place("madrid", "eu", 40.4, -3.7),
  place("milan", "eu", 45.5, 9.2),
  place("paris", "eu", 48.9, 2.4),
  place("stockholm", "eu", 59.3, 18.1),
  place("vienna", "eu", 48.2, 16.4),
  place("warsaw", "eu", 52.2, 21),
  place("atlanta", "na", 33.7, -84.4),
  place("chicago", "na", 41.9, -87.6),
  place("dallas", "na", 32.8, -96.8),
  place("denver", "na", 39.7, -105),
  place("los-angeles", "na", 34.1, -118.2),
  place("mexico-city", "na", 19.4, -99.1),
  place("miami", "na", 25.8, -80.2),
  place("montreal", "na", 45.5, -73.6),
  place("new-york", "na", 40.7, -74),
  place("san-jose", "na", 37.3, -121.9),
  place("seattle", "na", 47.6, -122.3),
  place("toronto", "na", 43.7, -79.4),
  place("bogota", "sa", 4.7, -74.1),
  place("buenos-aires", "sa", -34.6, -58.4),
  place("santiago", "sa", -33.4, -70.7),
  place("sao-paulo", "sa", -23.6, -46.6),
  place("hong-kong", "as", 22.3, 114.2),
  place("jakarta", "as", -6.2, 106.8),
  place("mumbai", "as", 19.1, 72.9),
  place("osaka", "as", 34.7, 135.5),
  place("seoul", "as", 37.6, 127),
  place("singapore", "as", 1.4, 103.8),
  place("taipei", "as", 25, 121.6),
  place("tokyo", "as", 35.7, 139.7),
  place("cairo", "af", 30, 31.2),
  place("johannesburg", "af", -26.2, 28),
  place("lagos", "af", 6.5, 3.4),
  place("nairobi", "af", -1.3, 36.8),
  place("dubai", "me", 25.2, 55.3),
  place("istanbul", "me", 41, 29),
  place("tel-aviv", "me", 32.1, 34.8),
  place("auckland", "oc", -36.8, 174.8),
  place("melbourne", "oc", -37.8, 145),
  place("sydney", "oc", -33.9, 151.2),
];

const byId = new Map(places.map((one) => [one.id, one]));

/** A known place, or undefined. */
export function placeOf(id: string): Place | undefined {
  return byId.get(id);
}
