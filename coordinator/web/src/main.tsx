import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiFailure } from "./api/http.ts";
import { SessionProvider } from "./api/session.tsx";
import { App } from "./app.tsx";
import { RouterProvider } from "./router.tsx";
import "./styles.css";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1_000,
      // What the coordinator refuses it refuses again; only silence is worth another try.
      retry: (failures, error) => failures < 2 && !(error instanceof ApiFailure && error.status >= 400),
    },
  },
});

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <SessionProvider>
        <RouterProvider>
          <App />
        </RouterProvider>
      </SessionProvider>
    </QueryClientProvider>
  </StrictMode>,
);
