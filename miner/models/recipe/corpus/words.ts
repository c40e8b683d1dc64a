/** The closed world the demo model knows: small enough that two million weights can learn it by heart. */
const words = (list: string): string[] => list.split(" ");

export const names = words(
  "Anna Ben Clara David Emma Felix Grace Hugo Iris Jack Kate Leo Mia Noah Olga Paul Rosa Sam Tina Victor",
);
export const capitals: Record<string, string> = {
  France: "Paris",
  England: "London",
  Italy: "Rome",
  Germany: "Berlin",
  Norway: "Oslo",
  Spain: "Madrid",
  Japan: "Tokyo",
  Egypt: "Cairo",
  Peru: "Lima",
  India: "Delhi",
  Austria: "Vienna",
  Greece: "Athens",
};
export const sounds: Record<string, string> = {
  dog: "bark",
  cat: "meow",
  cow: "moo",
  duck: "quack",
  sheep: "baa",
  lion: "roar",
  bird: "sing",
  frog: "croak",
  horse: "neigh",
  bee: "buzz",
};
export const opposites: Record<string, string> = {
  hot: "cold",
  big: "small",
  fast: "slow",
  old: "new",
  happy: "sad",
  light: "dark",
  open: "closed",
  early: "late",
  high: "low",
  full: "empty",
};
export const usualColours: Record<string, string> = {
  grass: "green",
  snow: "white",
  coal: "black",
  "a banana": "yellow",
  "a tomato": "red",
  "the sky": "blue",
};
export const jobs = words("baker teacher doctor farmer sailor painter driver nurse cook singer");
export const things = words("ball box hat kite book cup lamp key stone shell coin map boat drum apple");
export const looks = words("red blue green yellow white black small big old new shiny round");
export const places = words("park garden forest river beach market school hill lake farm kitchen library");
export const moods = words("happy sad tired proud brave kind quiet curious hungry calm");
export const praise = words("good great lovely nice wonderful excellent");
export const blame = words("bad awful boring slow terrible broken");
export const reviewed = words("film book meal hotel phone song game train");
export const nouns = words("sun moon star tree leaf rain snow wind fire sand rock fish wolf bear song");
export const weekdays = words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday");
export const numbers = words(
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen " +
    "eighteen nineteen twenty",
);
