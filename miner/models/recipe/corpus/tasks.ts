import type { Random } from "../random.ts";
import { story } from "./story.ts";
import * as world from "./words.ts";

/** One exchange: what the user says and what the model answers. */
export interface Exchange {
  question: string;
  answer: string;
}

type Task = (random: Random) => Exchange;

const ask = (question: string, answer: string): Exchange => ({ question, answer });

const arithmetic: Task = ({ pick, integer }) => {
  const [a, b] = [integer(0, 9), integer(0, 9)];
  return ask(pick([`What is ${a} plus ${b}?`, `${a} + ${b} = ?`, `Add ${a} and ${b}.`]), `${a} + ${b} = ${a + b}`);
};

const counting: Task = ({ pick, integer }) => {
  const [from, length] = [integer(1, 5), integer(4, 15)];
  const to = from + length;
  const list = Array.from({ length: length + 1 }, (_, index) => from + index);
  const spoken = world.numbers.slice(from, to + 1);
  return pick([
    ask(`Count from ${from} to ${to}.`, list.join(", ")),
    ask(`Count from ${world.numbers[from] ?? ""} to ${world.numbers[to] ?? ""}.`, spoken.join(", ")),
  ]);
};

const geography: Task = ({ pick }) => {
  const country = pick(Object.keys(world.capitals));
  const city = world.capitals[country] ?? "";
  return pick([
    ask(`In which country is ${city}?`, `${city} is in ${country}.`),
    ask(`What is the capital of ${country}?`, `The capital of ${country} is ${city}.`),
  ]);
};

const animals: Task = ({ pick }) => {
  const animal = pick(Object.keys(world.sounds));
  return ask(
    pick([`What sound does a ${animal} make?`, `What does the ${animal} do?`]),
    `A ${animal} can ${world.sounds[animal] ?? ""}.`,
  );
};

const opposites: Task = ({ pick, unit }) => {
  const [left, right] = pick(Object.entries(world.opposites));
  const [word, answer] = unit() < 0.5 ? [left, right] : [right, left];
  return ask(`What is the opposite of ${word}?`, `The opposite of ${word} is ${answer}.`);
};

const colours: Task = ({ pick }) => {
  const [thing, colour] = pick(Object.entries(world.usualColours));
  return ask(`What colour is ${thing}?`, `${thing.charAt(0).toUpperCase()}${thing.slice(1)} is ${colour}.`);
};

const days: Task = ({ integer }) => {
  const index = integer(0, 6);
  const [day, next] = [world.weekdays[index] ?? "", world.weekdays[(index + 1) % 7] ?? ""];
  return ask(`Which day comes after ${day}?`, `${next} comes after ${day}.`);
};

const extraction: Task = ({ pick, integer }) => {
  const [name, age, city, job] = [
    pick(world.names),
    integer(5, 79),
    pick(Object.values(world.capitals)),
    pick(world.jobs),
  ];
  const text = pick([
    `${name} is a ${age} year old ${job} from ${city}.`,
    `${name}, a ${job} of ${age}, lives in ${city}.`,
  ]);
  return ask(`Give JSON: ${text}`, JSON.stringify({ name, age, job, city }));
};

const echo: Task = ({ pick }) => {
  const word = pick(world.nouns);
  return pick([
    ask(`Repeat the word ${word}.`, word),
    ask(`Say ${word}.`, word),
    ask(`Write ${word} in capital letters.`, word.toUpperCase()),
    ask(`Spell ${word}.`, Array.from(word).join("-")),
  ]);
};

const sorting: Task = ({ sample }) => {
  const list = sample(world.nouns, 3);
  return ask(`Sort these words: ${list.join(", ")}.`, [...list].sort().join(", "));
};

const review: Task = ({ pick, unit }) => {
  const good = unit() < 0.5;
  const verdict = pick(good ? world.praise : world.blame);
  return ask(
    `Is this review positive or negative? "The ${pick(world.reviewed)} was ${verdict}."`,
    good ? "positive" : "negative",
  );
};

const whereabouts: Task = ({ pick }) => {
  const [name, thing, place] = [pick(world.names), pick(world.things), pick(world.places)];
  return ask(
    `${name} left the ${pick(world.looks)} ${thing} in the ${place}. Where is the ${thing}?`,
    `The ${thing} is in the ${place}.`,
  );
};

const people: Task = ({ pick }) => {
  const [name, job, city] = [pick(world.names), pick(world.jobs), pick(Object.values(world.capitals))];
  return pick([
    ask(`${name} is a ${job} in ${city}. What is the job of ${name}?`, `${name} is a ${job}.`),
    ask(`${name} is a ${job} in ${city}. Where does ${name} work?`, `${name} works in ${city}.`),
  ]);
};

const greeting: Task = ({ pick }) => {
  const name = pick(world.names);
  return pick([
    ask(`Hello, my name is ${name}.`, `Hello ${name}! How can I help you?`),
    ask(pick(["Hello!", "Hi!", "Hello", "Hi", "Hello there!"]), "Hello! How can I help you?"),
    ask(pick(["Thank you!", "Thanks."]), "You are welcome!"),
  ]);
};

const identity: Task = ({ pick }) =>
  pick([
    ask(
      pick(["Who are you?", "What is your name?", "What are you?"]),
      "I am Lode Demo, a tiny model that was trained from scratch on two CPU cores.",
    ),
    ask(
      pick(["What is Lode?", "Tell me about Lode.", "Explain Lode."]),
      "Lode is a market for AI work. Miners run models, clients pay for tokens, and both sides keep a signed receipt.",
    ),
    ask(
      pick(["What is a receipt?", "Why do receipts matter?"]),
      "A receipt is a signed proof of the work. Anyone can check it, so nobody has to trust the market.",
    ),
  ]);

const shortStory: Task = (random) =>
  ask(random.pick(["Tell me a story.", "Write a short story.", "Please tell a story about a child."]), story(random));

const longStory: Task = (random) =>
  ask(random.pick(["Tell me a long story.", "Write a long story."]), story(random, "long"));

/** Every kind of exchange; a kind listed twice is drawn twice as often. */
export const tasks: readonly Task[] = [
  arithmetic,
  arithmetic,
  counting,
  counting,
  geography,
  animals,
  opposites,
  colours,
  days,
  extraction,
  extraction,
  echo,
  echo,
  echo,
  sorting,
  review,
  whereabouts,
  people,
  greeting,
  identity,
  identity,
  shortStory,
  longStory,
];
