// The pages in a real browser, against a running server whose month has been played
// (`cleargrid seed --simulate`), and the capture page against one whose month is on
// (`cleargrid seed`). internal/e2e starts all: go test ./internal/e2e -run TestPages.
import { defineConfig } from "@playwright/test";

const ci = Boolean(process.env.CI);

export default defineConfig({
  testDir: "test",
  outputDir: "test/results",
  fullyParallel: false,
  workers: 1,
  forbidOnly: ci,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: "line",
  projects: [
    { name: "pages", testIgnore: /capture-/, use: { baseURL: process.env.CLEARGRID_URL } },
    { name: "capture", testMatch: /capture-/, use: { baseURL: process.env.CLEARGRID_CAPTURE_URL, viewport: { width: 360, height: 740 } } },
  ],
  use: {
    locale: "zh-CN",
    timezoneId: "Asia/Shanghai",
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium-headless-shell",
      args: ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
    },
  },
});
