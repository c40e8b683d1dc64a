import type { ModelView, PlaceView } from "@lode/protocol";
import { useMemo, useState } from "react";
import { useInfo, useModels } from "../api/queries.ts";
import { Link } from "../router.tsx";
import { countText, duration, perMillion, titled } from "../ui/format.ts";
import { Empty, Hash, Loaded, Page, Section, Table } from "../ui/parts.tsx";
import { landPath, mapSize, project } from "../ui/world.ts";

const regionNames: Readonly<Record<string, string>> = {
  af: "Africa",
  as: "Asia",
  eu: "Europe",
  me: "Middle East",
  na: "North America",
  oc: "Oceania",
  sa: "South America",
};
const regionName = (region: string): string => regionNames[region] ?? region;

/** What is served where, and what it costs. */
export default function Models() {
  const models = useModels();
  const info = useInfo();
  const list = info.data?.prices;
  return (
    <Page
      title="Models"
      intro="Prices follow the market: what a miner asks, times load, speed and the hour. They are bound by a signed quote when a job begins."
    >
      <Loaded query={models} rows={10}>
        {({ models: served, places }) => (
          <>
            <Section
              title="Where miners are"
              aside={<span className="note">by their own word, as far as round trips allow</span>}
            >
              <WorldMap places={places} />
            </Section>
            {served.length === 0 ? (
              <Section title="Served now">
                <Empty title="Nobody serves a model at this moment.">
                  {list === undefined
                    ? null
                    : `The list price is ${perMillion(list.outputPriceWei)} LODE for a million tokens out.`}{" "}
                  See who was here before: <Link to="/miners">miners</Link>.
                </Empty>
              </Section>
            ) : (
              served.map((model) => <Model key={model.digest} model={model} />)
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Model({ model }: { model: ModelView }) {
  const { id, digest, contextTokens, slots, regions } = model;
  return (
    <Section
      title={id}
      aside={
        <span className="note num">
          {slots.used} of {slots.total} slots busy{slots.queued > 0 && `, ${slots.queued} waiting`}
        </span>
      }
    >
      <p className="under">
        Weights <Hash value={digest} /> · context {countText(contextTokens)} tokens
      </p>
      <Table
        label={`Prices of ${id} by region`}
        rows={[...regions].sort((a, b) => b.miners - a.miners)}
        keyOf={({ region }) => region}
        columns={[
          { head: "Region", cell: ({ region }) => regionName(region) },
          { head: "Miners", cell: ({ miners }) => countText(miners), isNumber: true },
          {
            head: "First token",
            cell: ({ firstTokenMs }) => (firstTokenMs === null ? "—" : duration(firstTokenMs)),
            isNumber: true,
          },
          { head: "In, LODE / M tokens", cell: ({ inputPriceWei }) => perMillion(inputPriceWei), isNumber: true },
          { head: "Out, LODE / M tokens", cell: ({ outputPriceWei }) => perMillion(outputPriceWei), isNumber: true },
        ]}
      />
    </Section>
  );
}

/** The world in dots, with a circle for each place that has miners. */
function WorldMap({ places }: { places: readonly PlaceView[] }) {
  const land = useMemo(() => landPath(), []);
  const [shown, setShown] = useState<string>();
  const named = places.find(({ place }) => place === shown) ?? places[0];
  return (
    <>
      <svg
        className="map"
        viewBox={`0 0 ${mapSize.width} ${mapSize.height}`}
        role="img"
        aria-label={
          places.length === 0 ? "No miner is connected" : `Miners in ${places.map(({ place }) => place).join(", ")}`
        }
      >
        <path d={land} className="land" />
        {places.map(({ place, longitude, latitude, miners }) => {
          const { x, y } = project(longitude, latitude);
          return (
            <g key={place} onMouseEnter={() => setShown(place)} className={named?.place === place ? "spot on" : "spot"}>
              <circle cx={x} cy={y} r={6 + 3 * Math.log2(miners + 1)} className="halo" />
              <circle cx={x} cy={y} r={4} className="core" />
            </g>
          );
        })}
      </svg>
      <p className="map-note">
        {named === undefined ? (
          "No miner is connected."
        ) : (
          <>
            <strong>{titled(named.place)}</strong> · {regionName(named.region)} · {countText(named.miners)}{" "}
            {named.miners === 1 ? "miner" : "miners"}
          </>
        )}
      </p>
    </>
  );
}
