// A Vendure shop in memory, for tests: `node server.js` says "ready" and its port when it can be asked.
// The header x-order-code of the shop's API says what the next order is called.
"use strict";

const { bootstrap, DefaultLogger, LanguageCode, LogLevel, dummyPaymentHandler } = require("@vendure/core");
const { populateInitialData } = require("@vendure/core/cli");

const config = {
  logger: new DefaultLogger({ level: LogLevel.Error }),
  apiOptions: {
    // Any free one: the system chooses it when we listen, so nobody can take it before.
    port: 0,
    hostname: "127.0.0.1",
    adminApiPath: "admin-api",
    shopApiPath: "shop-api",
  },
  authOptions: {
    tokenMethod: "bearer",
    superadminCredentials: { identifier: "superadmin", password: "superadmin" },
  },
  dbConnectionOptions: { type: "sqljs", synchronize: true, autoSave: false, logging: false },
  orderOptions: { orderCodeStrategy: { generate: (ctx) => ctx.req.headers["x-order-code"] } },
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  plugins: [],
};

const data = {
  defaultLanguage: LanguageCode.en,
  defaultZone: "Europe",
  countries: [{ name: "Germany", code: "DE", zone: "Europe" }],
  taxRates: [{ name: "None", percentage: 0 }],
  shippingMethods: [{ name: "Post", price: 500 }],
  paymentMethods: [
    { name: "standard", handler: { code: dummyPaymentHandler.code, arguments: [{ name: "automaticSettle", value: "true" }] } },
  ],
  collections: [],
};

// Whoever started us is gone, however it went.
process.stdin.resume().on("end", () => process.exit());

bootstrap(config)
  .then(async (app) => {
    await populateInitialData(app, data);
    console.log(`ready ${app.getHttpServer().address().port}`);
  })
  .catch((error) => {
    console.error(error);
    process.exit(1);
  });
