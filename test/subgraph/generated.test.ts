import { parse, visit, Kind } from "graphql";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadAddresses } from "@lode/sdk/addresses";
import { describe, expect, it } from "vitest";
import { renderManifest } from "../../scripts/generate/subgraph/manifest.ts";
import { graphType, renderSchema } from "../../scripts/generate/subgraph/schema.ts";
import { eventsOf, sources } from "../../scripts/generate/subgraph/sources.ts";
import { root } from "../../scripts/root.ts";
import { plural } from "../../subgraph/indexer/graphql/names.ts";
import { readEntityModel } from "../../subgraph/indexer/entity-model.ts";

const schema = readFileSync(join(root, "subgraph", "schema.graphql"), "utf8");

describe("the schema", () => {
  it("says in a sentence what each entity, field, enumeration and value is", () => {
    const silent: string[] = [];
    const look = (name: string, description: string | undefined): void => {
      if (description === undefined || !/^[A-Z].*\.$/.test(description)) silent.push(name);
    };
    visit(parse(schema), {
      ObjectTypeDefinition: (node) => {
        if (node.name.value === "_Schema_") return;
        look(node.name.value, node.description?.value);
        for (const field of node.fields ?? []) look(`${node.name.value}.${field.name.value}`, field.description?.value);
      },
      EnumTypeDefinition: (node) => {
        look(node.name.value, node.description?.value);
        for (const value of node.values ?? []) look(value.name.value, value.description?.value);
      },
    });
    expect(silent).toEqual([]);
  });

  it("has an immutable entity for every event, with every parameter", () => {
    const { entities } = readEntityModel(schema);
    for (const source of sources) {
      for (const event of eventsOf(source)) {
        const entity = entities.get(source.entities?.[event.name] ?? event.name);
        expect(entity, event.name).toMatchObject({ isImmutable: true });
        const own = ["id", "contract", "blockNumber", "blockTimestamp", "transactionHash", "logIndex"];
        expect(entity!.fields.length, event.name).toBe(own.length + event.inputs.length);
      }
    }
  });

  it("has hourly and daily aggregations of every series of data points, and one search", () => {
    const aggregated = new Set<string>();
    let searches = 0;
    visit(parse(schema), {
      Directive: (node) => {
        const argument = (name: string) => node.arguments?.find((each) => each.name.value === name)?.value;
        if (node.name.value === "fulltext") searches++;
        if (node.name.value !== "aggregation") return;
        const source = argument("source");
        if (source?.kind === Kind.STRING) aggregated.add(source.value);
        expect(argument("intervals")).toMatchObject({ values: [{ value: "hour" }, { value: "day" }] });
      },
    });
    const { entities } = readEntityModel(schema);
    const series = [...entities.values()].filter(({ isTimeseries }) => isTimeseries).map(({ name }) => name);
    expect([...aggregated].sort()).toEqual(series.sort());
    expect(searches).toBe(1);
  });

  it("names every list of the queries differently", () => {
    const names = [...readEntityModel(schema).entities.keys()].map(plural);
    expect(new Set(names).size).toBe(names.length);
  });

  it("is not written when an event is not explained, and for types without a counterpart", () => {
    const state = readFileSync(join(root, "subgraph", "schema", "state.graphql"), "utf8");
    expect(renderSchema(state)).toContain("type StakeAdded @entity(immutable: true)");
    expect(graphType("uint24")).toBe("Int!");
    expect(graphType("uint32")).toBe("BigInt!");
    expect(() => graphType("uint256[]")).toThrow("The schema has no type for uint256[].");
  });
});

describe("the manifest", () => {
  const addresses = loadAddresses(31337);

  it("names each contract's address, first block and every event with its handler", () => {
    const text = renderManifest({ ...addresses, deployedAtBlock: 17 });
    for (const source of sources) expect(text).toContain(`address: "${addresses[source.address] ?? "none"}"`);
    expect(text.match(/startBlock: 17\n/g)).toHaveLength(sources.length);
    expect(text).toContain(
      "- event: Deposited(indexed address,indexed address,uint128,uint128)\n          handler: handleDeposited",
    );
    const events = sources.reduce((sum, source) => sum + eventsOf(source).length, 0);
    expect(text.match(/handler: handle\w+\n/g)).toHaveLength(events);
  });

  it("takes the network's name of chains that it knows, and asks for that of others", () => {
    expect(renderManifest({ ...addresses, chainId: 42161 })).toContain("network: arbitrum-one");
    const other = { ...addresses, chainId: 5 };
    expect(renderManifest(other, "goerli")).toContain("network: goerli");
    expect(() => renderManifest(other)).toThrow("The name of chain 5 is not known; give --network NAME.");
  });
});
