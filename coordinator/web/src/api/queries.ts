import type {
  AnchorView,
  DayOfModel,
  ExplorerInfo,
  FleetView,
  LiabilitiesView,
  LogEntry,
  LogPage,
  MinerDetail,
  MinerPage,
  ModelPage,
  RunningJob,
} from "@lode/protocol";
import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { askJson } from "./http.ts";

/** How often what lives is asked for again, milliseconds. */
const liveMs = 3_000;
const calmMs = 10_000;

function useLive<T>(path: string, everyMs = liveMs, key?: string): UseQueryResult<T> {
  return useQuery({
    queryKey: [path, key],
    queryFn: ({ signal }) => askJson<T>(path, { signal, key }),
    refetchInterval: everyMs,
    placeholderData: keepPreviousData,
  });
}

export const useInfo = (): UseQueryResult<ExplorerInfo> => useLive("/v1/explorer");
export const useJobs = (): UseQueryResult<{ jobs: RunningJob[] }> => useLive("/v1/explorer/jobs?limit=20");
export const useMiners = (start: number, limit: number): UseQueryResult<MinerPage> =>
  useLive(`/v1/explorer/miners?start=${start}&limit=${limit}`, calmMs);
export const useMiner = (miner: string): UseQueryResult<MinerDetail> =>
  useLive(`/v1/explorer/miners/${encodeURIComponent(miner)}`, calmMs);
export const useModels = (): UseQueryResult<ModelPage> => useLive("/v1/explorer/models", calmMs);
export const useEpochs = (): UseQueryResult<{ epochs: AnchorView[] }> =>
  useLive("/v1/explorer/epochs?limit=50", calmMs);
export const useLiabilities = (): UseQueryResult<LiabilitiesView> => useLive("/v1/explorer/liabilities", calmMs);
export const useFleet = (key: string): UseQueryResult<FleetView> => useLive("/v1/operator/fleet", calmMs, key);
export const useSpending = (key: string): UseQueryResult<{ days: DayOfModel[] }> =>
  useLive("/v1/wallet/spending?days=30", calmMs, key);

/** Receipts from the end of the log backwards: page 0 holds the latest. */
export function useReceipts(page: number, limit: number): UseQueryResult<LogPage> {
  return useQuery({
    queryKey: ["receipts", page, limit],
    queryFn: async ({ signal }) => {
      const { size } = await askJson<LogPage>("/v1/log/entries?start=0&limit=1", { signal });
      const end = size - page * limit;
      const start = Math.max(0, end - limit);
      if (end <= 0) return { entries: [], size };
      const path = `/v1/log/entries?start=${start}&limit=${end - start}`;
      const { entries } = await askJson<LogPage>(path, { signal });
      return { entries: [...entries].reverse(), size };
    },
    refetchInterval: page === 0 ? liveMs : false,
    placeholderData: keepPreviousData,
  });
}

/** The entries that an index, an assignment's digest or a job's id names. */
export async function findReceipts(id: string, signal?: AbortSignal): Promise<readonly LogEntry[]> {
  if (/^\d{1,9}$/.test(id)) {
    const { entries } = await askJson<LogPage>(`/v1/log/entries?start=${id}&limit=1`, { signal });
    return entries.filter(({ index }) => index === Number(id));
  }
  const path = `/v1/receipts/${encodeURIComponent(id)}`;
  return (await askJson<{ receipts: LogEntry[] }>(path, { signal })).receipts;
}
