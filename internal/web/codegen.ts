// Types for every operation in src, from the same SDL that the server is made of.
import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "../../graph/schema/*.graphqls",
  documents: "src/**/*.{ts,tsx}",
  generates: {
    "src/api/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: "string",
        enumsAsTypes: true,
        // Enums grow: clients are told to expect values that they do not know.
        futureProofEnums: true,
        useTypeImports: true,
        scalars: { DateTime: "string", Date: "string", Int64: "number", Sha256: "string", Upload: "never" },
      },
    },
  },
};

export default config;
