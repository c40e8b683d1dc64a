import { randomBytes } from "node:crypto";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { limits, PollOpened, PollReceived, PollSend } from "@lode/protocol";
import Type from "typebox";
import { ApiError } from "../../errors.ts";
import { addressGroup } from "../../plugins/external/rate-limit.ts";
import { PollSocket } from "../../plugins/app/relay/poll-socket.ts";
import { errorAnswers } from "../errors.ts";

const maximumLinks = 1024;
const opensPerMinute = 60;
/** Frames are base64 within JSON. */
const bodyBytes = 4 * limits.pollBytes;

/** Frames of one turn wait for the next question anyway. */
const noWire = { cork: () => undefined, uncork: () => undefined };

const Params = Type.Object({ link: Type.String({ pattern: "^[0-9a-f]{64}$" }) });

/** The miner link for networks without WebSockets; see `link-poll.ts` of the protocol. */
export const minerLinkRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const links = new Map<string, PollSocket>();
  const tags = ["miners"];
  const config = { isMinerDoor: true, isLink: true } as const;
  /** Before the body is read: only who has a link may send one. */
  const refuseStrangers = async ({ params }: { params: unknown }): Promise<void> => {
    linkOf(String((params as { link?: unknown }).link));
  };
  const linkOf = (name: string): PollSocket => {
    const socket = links.get(name);
    if (socket === undefined) throw new ApiError(404, "no_link", "There is no such link; open another.");
    return socket;
  };
  app.addHook("onClose", async () => {
    for (const socket of links.values()) socket.terminate();
  });

  app.post(
    "/v1/miner/link",
    {
      config: { isMinerDoor: true, requestsPerMinute: opensPerMinute },
      schema: {
        summary: "Open a miner's link over plain HTTP; its first frame is the challenge",
        tags,
        response: { 201: PollOpened, ...errorAnswers },
      },
    },
    async ({ ip }, reply) => {
      if (links.size >= maximumLinks) throw new ApiError(503, "too_many_links", "Try again later.");
      const link = randomBytes(32).toString("hex");
      const socket = new PollSocket(() => links.delete(link));
      links.set(link, socket);
      app.hub.accept(socket, noWire, addressGroup(ip));
      return reply.code(201).send({ link });
    },
  );
  app.get(
    "/v1/miner/link/:link",
    {
      config,
      schema: {
        summary: "Frames behind a number; held open until there is one",
        tags,
        params: Params,
        querystring: Type.Object({
          after: Type.Integer({ minimum: 0 }),
          wait_secs: Type.Integer({ minimum: 0, maximum: limits.pollSecs }),
        }),
        response: { 200: PollReceived, ...errorAnswers },
      },
    },
    async ({ params, query }) => linkOf(params.link).ask(query.after, query.wait_secs * 1000),
  );
  app.post(
    "/v1/miner/link/:link",
    {
      config,
      bodyLimit: bodyBytes,
      onRequest: refuseStrangers,
      schema: {
        summary: "Frames from the miner, in numbered sendings",
        tags,
        params: Params,
        body: PollSend,
        response: { 200: Type.Object({ number: Type.Integer() }), ...errorAnswers },
      },
    },
    async ({ params, body }) => {
      const socket = linkOf(params.link);
      if (await socket.hear(body.number, body.frames)) return { number: body.number };
      socket.terminate();
      throw new ApiError(409, "out_of_order", "A sending was lost; open another link.");
    },
  );
  app.delete(
    "/v1/miner/link/:link",
    {
      config,
      schema: { summary: "End a link", tags, params: Params, response: { 204: Type.Null(), ...errorAnswers } },
    },
    async ({ params }, reply) => {
      links.get(params.link)?.terminate();
      return reply.code(204).send(null);
    },
  );
};
