import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEdge, type Edge } from "../edge/edge.ts";
import { demoModel, type Message, type ScriptedMiner } from "../edge/scripted-miner.ts";
import { client, person } from "../fixture.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await openEdge();
});
afterAll(() => edge.stop());

/** A link that got its challenge and has not answered. */
async function challenged(
  signer = person("newcomer"),
): Promise<{ miner: ScriptedMiner; challenge: Message<"challenge"> }> {
  const miner = await edge.miner({ signer, isUnproven: true });
  return { miner, challenge: await miner.next("challenge") };
}

/** The code with which a hello is refused. */
async function refusal(miner: ScriptedMiner): Promise<string> {
  const { code, fatal } = await miner.next("error");
  expect(fatal).toBe(true);
  expect(await miner.closed).toMatchObject({ code: 1008, reason: code });
  return code;
}

describe("a miner's hello", () => {
  it("is welcomed when its operator signed the nonce and its stake is active", async () => {
    const { miner, challenge } = await challenged();
    expect(challenge).toMatchObject({ protocol: 1, serverTimeMs: edge.clock.nowMs });
    miner.hello(challenge);
    expect(await miner.next("welcome")).toMatchObject({ heartbeatSecs: 30 });
    expect(edge.app.hub.size).toBe(1);
    miner.hangUp();
    await expect.poll(() => edge.app.hub.size).toBe(0);
  });

  it("is refused with somebody else's signature", async () => {
    const { miner, challenge } = await challenged();
    miner.hello(challenge, { miner: client.address });
    expect(await refusal(miner)).toBe("not_operator");
  });

  it("is refused with a signature that is none", async () => {
    const { miner, challenge } = await challenged();
    miner.hello(challenge, { signature: `0x${"00".repeat(65)}` });
    expect(await refusal(miner)).toBe("bad_signature");
  });

  it("is refused when it was signed for another link", async () => {
    const first = await challenged();
    const second = await challenged();
    second.miner.hello({ ...second.challenge, nonce: first.challenge.nonce });
    expect(await refusal(second.miner)).toBe("not_operator");
    first.miner.hangUp();
  });

  it("is refused a second time on its own link, and again on a new one", async () => {
    const { miner, challenge } = await challenged();
    miner.hello(challenge);
    miner.hello(challenge);
    expect(await refusal(miner)).toMatch(/^hello_/);
    const again = await challenged();
    again.miner.hello(challenge);
    expect(await refusal(again.miner)).toBe("not_operator");
  });

  it.each([-121_000, 121_000])("is refused when its clock is %i ms off", async (offMs) => {
    const { miner, challenge } = await challenged();
    miner.hello(challenge, { timestampMs: edge.clock.nowMs + offMs });
    expect(await refusal(miner)).toBe("clock");
  });

  it("is refused without an active stake", async () => {
    edge.chain.isStaked = false;
    const { miner, challenge } = await challenged();
    miner.hello(challenge);
    expect(await refusal(miner)).toBe("not_staked");
    edge.chain.isStaked = true;
  });

  it("is put off, not blamed, while the chain does not answer", async () => {
    const read = edge.chain.miner;
    edge.chain.miner = async () => {
      throw new Error("no route to the chain");
    };
    const { miner, challenge } = await challenged();
    miner.hello(challenge);
    const { code, message } = await miner.next("error");
    expect(code).toBe("unavailable");
    expect(message).not.toContain("route");
    edge.chain.miner = read;
  });

  it("that was checked slower than a later one of its miner does not end that one's link", async () => {
    const signer = person("faster again");
    const read = edge.chain.miner;
    const checking = Promise.withResolvers<undefined>();
    const answer = Promise.withResolvers<undefined>();
    edge.chain.miner = async (address) => {
      checking.resolve(undefined);
      await answer.promise;
      return read(address);
    };
    const { miner, challenge } = await challenged(signer);
    miner.hello(challenge);
    await checking.promise;
    edge.chain.miner = read;
    const later = await edge.miner({ signer });
    const welcomed = edge.app.hub.session(signer.address);
    answer.resolve(undefined);
    expect(await refusal(miner)).toBe("closing");
    expect(welcomed).toBeDefined();
    expect(edge.app.hub.session(signer.address)).toBe(welcomed);
    later.hangUp();
    await expect.poll(() => edge.app.hub.session(signer.address)).toBeUndefined();
  });

  it("leaves no ghost when the link closes while the stake is checked", async () => {
    const read = edge.chain.miner;
    const checking = Promise.withResolvers<undefined>();
    const answer = Promise.withResolvers<undefined>();
    edge.chain.miner = async (address) => {
      checking.resolve(undefined);
      await answer.promise;
      return read(address);
    };
    const { miner, challenge } = await challenged();
    miner.hello(challenge);
    await checking.promise;
    miner.hangUp();
    await miner.closed;
    edge.chain.miner = read;
    answer.resolve(undefined);
    // Somebody who comes later is there, so that the earlier one would be too.
    const later = await challenged(person("later"));
    later.miner.hello(later.challenge);
    await later.miner.next("welcome");
    expect(edge.app.hub.size).toBe(1);
    later.miner.hangUp();
  });
});

describe("a link", () => {
  it.each([
    ["text that is not JSON", "hello"],
    ["a message of no known type", JSON.stringify({ type: "transfer" })],
    ["an extra field", JSON.stringify({ type: "resumed", also: 1 })],
    ["a heartbeat before the hello", JSON.stringify({ type: "resumed" })],
  ])("ends at %s", async (_name, text) => {
    const { miner } = await challenged();
    miner.socket.send(text);
    expect(await refusal(miner)).toMatch(/^(bad_message|hello_first)$/);
  });

  it("ends at tokens before the hello, and at a frame that is none", async () => {
    const early = await challenged();
    early.miner.frame(new Uint8Array(60));
    expect(await refusal(early.miner)).toBe("early_frame");
    const miner = await edge.miner();
    miner.frame(new Uint8Array(10));
    expect(await refusal(miner)).toBe("bad_frame");
  });

  it("ends at a message over 4 MiB", async () => {
    const miner = await edge.miner();
    miner.socket.send("x".repeat(4 * 1024 * 1024 + 1));
    expect(await miner.closed).toMatchObject({ code: 1009 });
  });

  it("is replaced when the same miner connects again", async () => {
    const signer = person("twice");
    const first = await edge.miner({ signer });
    const second = await edge.miner({ signer });
    expect(await first.next("error")).toMatchObject({ code: "replaced", fatal: true });
    expect(await first.closed).toMatchObject({ code: 1008 });
    expect(edge.app.hub.session(signer.address)).toBeDefined();
    second.hangUp();
    await expect.poll(() => edge.app.hub.session(signer.address)).toBeUndefined();
  });
});

describe("a miner that is connected", () => {
  it("serves nothing until its earlier receipts are in", async () => {
    const model = { ...demoModel, id: "late", digest: client.address.padEnd(66, "0") as `0x${string}` };
    const miner = await edge.miner({ models: [model], resumes: false });
    expect(edge.app.hub.models().has("late")).toBe(false);
    miner.resume();
    await expect.poll(() => edge.app.hub.models().has("late")).toBe(true);
    miner.hangUp();
  });

  it("has its round trip measured, whatever it says itself", async () => {
    const miner = await edge.miner();
    await expect.poll(() => edge.app.hub.session(miner.address)?.roundTripMs).toBeGreaterThan(0);
    miner.hangUp();
  });

  it("gets no work after one missed heartbeat, and is gone after three", async () => {
    const miner = await edge.miner();
    const { hub } = edge.app;
    const status = (): string | undefined => hub.session(miner.address)?.status;
    const missed = (beats: number): void => {
      edge.clock.nowMs += beats * 30_000;
      hub.checkHeartbeats();
    };
    missed(1.4);
    expect(status()).toBe("available");
    missed(0.2);
    expect(status()).toBe("degraded");
    miner.heartbeat();
    await expect.poll(status).toBe("available");
    missed(3.4);
    expect(status()).toBe("degraded");
    missed(0.2);
    expect(status()).toBeUndefined();
    expect(await miner.closed).toMatchObject({ code: 1001 });
  });

  it("misses none where the clock is set forward a day or back an hour", async () => {
    const miner = await edge.miner();
    const { hub } = edge.app;
    edge.clock.steadyMs = edge.clock.nowMs;
    for (const setByMs of [86_400_000, -90_000_000]) {
      edge.clock.nowMs += setByMs;
      hub.checkHeartbeats();
      expect(hub.session(miner.address)?.status).toBe("available");
    }
    // Set back, it does not hide that there are none either.
    edge.clock.steadyMs += 1.6 * 30_000;
    hub.checkHeartbeats();
    expect(hub.session(miner.address)?.status).toBe("degraded");
    edge.clock.nowMs += 3_600_000;
    delete edge.clock.steadyMs;
    miner.hangUp();
  });

  it("is told when nobody knows the place that it claims", async () => {
    const miner = await edge.miner({ place: "atlantis" });
    const { code, fatal, message } = await miner.next("error");
    expect({ code, fatal }).toEqual({ code: "unknown_place", fatal: false });
    expect(message).toContain("'atlantis'");
    const known = await edge.miner({ place: "frankfurt" });
    await known.roundTrip();
    expect(known.last("error")).toBeUndefined();
    miner.hangUp();
    known.hangUp();
  });

  it("says itself that it is draining", async () => {
    const miner = await edge.miner();
    miner.heartbeat("draining");
    const { hub } = edge.app;
    await expect.poll(() => hub.session(miner.address)?.status).toBe("draining");
    miner.hangUp();
  });
});
