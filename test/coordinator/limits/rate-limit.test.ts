import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "../../../coordinator/src/plugins/external/config.ts";
import { addressGroup } from "../../../coordinator/src/plugins/external/rate-limit.ts";
import { WindowCounter } from "../../../coordinator/src/plugins/external/window-counter.ts";
import { openEdge, type Edge } from "../edge/edge.ts";

describe("a window", () => {
  it("begins with its first count and ends after its time", () => {
    const counter = new WindowCounter(60_000);
    expect(counter.add("a", 1000)).toEqual({ count: 1, secondsLeft: 60 });
    expect(counter.add("a", 60_999)).toEqual({ count: 2, secondsLeft: 1 });
    expect(counter.add("b", 60_999)).toEqual({ count: 1, secondsLeft: 60 });
    expect(counter.add("a", 61_000)).toEqual({ count: 1, secondsLeft: 60 });
  });

  it("shuts nobody out until an hour that a clock which was set back has to reach again", () => {
    const counter = new WindowCounter(60_000);
    counter.add("a", 86_400_000);
    expect(counter.add("a", 0)).toEqual({ count: 1, secondsLeft: 60 });
    expect(counter.add("a", 59_999)).toEqual({ count: 2, secondsLeft: 1 });
  });

  it("is forgotten first when it began first", () => {
    const counter = new WindowCounter(60_000, 2);
    for (const name of ["a", "b", "a", "c"]) counter.add(name, 0);
    expect(counter.add("b", 0).count).toBe(2);
    expect(counter.add("a", 0).count).toBe(1);
  });
});

describe("one caller", () => {
  it.each([
    ["127.0.0.1", "127.0.0.1"],
    ["::ffff:10.1.2.3", "10.1.2.3"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8:1:2::9", "2001:db8:1:2"],
    ["2001:0db8:0001:0002::9", "2001:db8:1:2"],
    ["2001:db8::9", "2001:db8:0:0"],
    ["::1", "0:0:0:0"],
    ["fe80::1%eth0", "fe80:0:0:0"],
  ])("with address %s counts as %s", (ip, group) => {
    expect(addressGroup(ip)).toBe(group);
  });
});

describe("bounds for models", () => {
  it("are one for all, or by name", () => {
    const { modelRequestsPerMinute } = readConfig({ MODEL_REQUESTS_PER_MINUTE: "600, demo=100,a:b/c=5" });
    expect([...modelRequestsPerMinute]).toEqual([
      [undefined, 600],
      ["demo", 100],
      ["a:b/c", 5],
    ]);
  });

  it.each(["0", "x", "demo=", "=5", "1,2", "demo=1,demo=2", "1.5"])("are not %s", (list) => {
    expect(() => readConfig({ MODEL_REQUESTS_PER_MINUTE: list })).toThrow(ConfigError);
  });
});

describe("a coordinator at its limits", () => {
  let edge: Edge;
  afterEach(() => edge.stop());
  const open = async (env: Record<string, string>): Promise<void> => {
    edge = await openEdge({ LOG_LEVEL: "silent", ...env });
  };
  const models = (key: string, headers: Record<string, string> = {}) =>
    edge.app.inject({ method: "GET", url: "/v1/models", headers: { authorization: `Bearer ${key}`, ...headers } });

  describe("with 5 requests a minute for each caller", () => {
    beforeEach(() => open({ REQUESTS_PER_MINUTE: "5" }));

    it("counts each key for itself, says what is left, and takes it again when Retry-After is over", async () => {
      const other = await edge.login("client");
      for (let left = 4; left >= 0; left--) {
        const answer = await models(edge.key);
        expect(answer.statusCode).toBe(200);
        expect(answer.headers).toMatchObject({ "x-ratelimit-limit": "5", "x-ratelimit-remaining": `${left}` });
        expect(answer.headers).toMatchObject({ "x-ratelimit-limit-requests": "5" });
      }
      const refused = await models(edge.key);
      expect(refused.statusCode).toBe(429);
      expect(refused.json()).toMatchObject({ error: { type: "rate_limit_error", code: "rate_limit_exceeded" } });
      expect((await models(other)).statusCode).toBe(200);
      edge.clock.nowMs += Number(refused.headers["retry-after"]) * 1000;
      expect((await models(edge.key)).statusCode).toBe(200);
    });

    it("answers in Anthropic's shape on Anthropic's face", async () => {
      const send = () =>
        edge.app.inject({
          method: "POST",
          url: "/v1/messages",
          headers: { "x-api-key": edge.key },
          payload: { model: "none", max_tokens: 1, messages: [{ role: "user", content: "hi" }] },
        });
      for (let i = 0; i < 5; i++) expect((await send()).statusCode).toBe(404);
      const refused = await send();
      expect(refused.statusCode).toBe(429);
      expect(refused.json()).toMatchObject({ type: "error", error: { type: "rate_limit_error" } });
      expect(refused.headers).toMatchObject({ "anthropic-ratelimit-requests-remaining": "0" });
      expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    });

    it("counts a key and the one it was rotated into as one, and a key's own limit instead of the general one", async () => {
      const admin = await edge.login("admin");
      const headers = { authorization: `Bearer ${admin}` };
      const make = async (url: string, payload: object) =>
        (await edge.app.inject({ method: "POST", url, headers, payload })).json<{ key: string; prefix: string }>();
      const { key, prefix } = await make("/v1/keys", { limits: { requestsPerMinute: 2 } });
      expect((await models(key)).statusCode).toBe(200);
      const rotated = await make(`/v1/keys/${prefix}/rotate`, {});
      expect((await models(rotated.key)).statusCode).toBe(200);
      expect([(await models(key)).statusCode, (await models(rotated.key)).statusCode]).toEqual([429, 429]);
    });
  });

  it("bounds everybody together, but answers probes", async () => {
    await open({ GLOBAL_REQUESTS_PER_MINUTE: "6" });
    const other = await edge.login("client");
    const statuses = [];
    for (const key of [edge.key, other, edge.key, other]) statuses.push((await models(key)).statusCode);
    // Both logins were two requests each.
    expect(statuses).toEqual([200, 200, 429, 429]);
    expect((await edge.app.inject({ method: "GET", url: "/health" })).statusCode).toBe(200);
    expect((await edge.app.inject({ method: "GET", url: "/metrics" })).statusCode).toBe(200);
  });

  it("does not let one caller use up everybody's bound, nor the figures be asked for without end", async () => {
    await open({ REQUESTS_PER_MINUTE: "5", GLOBAL_REQUESTS_PER_MINUTE: "14" });
    const other = await edge.login("client");
    for (let i = 0; i < 20; i++) await models(edge.key);
    expect((await models(other)).statusCode).toBe(200);
    const statuses = [];
    for (let i = 0; i < 7; i++) statuses.push((await edge.app.inject({ url: "/metrics" })).statusCode);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect((await edge.app.inject({ url: "/health" })).statusCode).toBe(200);
  });

  it("bounds one model for everybody, and not the others", async () => {
    await open({ MODEL_REQUESTS_PER_MINUTE: "1000,demo=2,ghost=1" });
    edge.app.hub.know(["demo", "other"]);
    const other = await edge.login("client");
    const ask = async (key: string, model: string) => (await edge.chat({ model }, { key })).status;
    expect([await ask(edge.key, "demo"), await ask(other, "demo")]).toEqual([503, 503]);
    expect([await ask(edge.key, "demo"), await ask(other, "demo"), await ask(other, "other")]).toEqual([429, 429, 503]);
    // A name that nobody offered takes no place among those that are counted.
    expect([await ask(edge.key, "ghost"), await ask(other, "ghost")]).toEqual([404, 404]);
  });
});
