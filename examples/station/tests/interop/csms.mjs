// A central system on npm `ocpp-rpc` in strict mode, remote-controlled over stdio with one JSON object per line. It speaks
// the subprotocol that is its argument.
//
// in:  {"id":1,"call":"Reset","params":{"type":"Soft"}}   call the station
//      {"now":"2031-03-04T10:00:00Z"}                       the time to tell
// out: {"listening":40123}
//      {"id":1,"result":{…}} or {"id":1,"error":{"code":"…","message":"…"}}
//      {"told":"StatusNotification","params":{…},"result":{…}}
//      {"connected":true|false}
//      {"violation":"…"}       anything that strict mode or the framing rules object to; the exit code is then 1

import { createInterface } from "node:readline";
import ocpp from "ocpp-rpc";

const say = (message) => process.stdout.write(JSON.stringify(message) + "\n");

let now = new Date().toISOString();
let transactions = 0;
let violations = 0;
let station;

const protocol = process.argv[2];
const accepted = () => ({ idTagInfo: { status: "Accepted" } });
const common = {
  BootNotification: () => ({ status: "Accepted", currentTime: now, interval: 86400 }),
  Heartbeat: () => ({ currentTime: now }),
  MeterValues: () => ({}),
  StatusNotification: () => ({}),
  DataTransfer: () => ({ status: "UnknownVendorId" }),
  FirmwareStatusNotification: () => ({}),
  SecurityEventNotification: () => ({}),
};
const answers16 = {
  ...common,
  Authorize: accepted,
  StartTransaction: () => ({ ...accepted(), transactionId: ++transactions }),
  StopTransaction: accepted,
  DiagnosticsStatusNotification: () => ({}),
};
const answers201 = {
  ...common,
  Authorize: () => ({ idTokenInfo: { status: "Accepted" } }),
  TransactionEvent: ({ idToken }) => (idToken ? { idTokenInfo: { status: "Accepted" } } : {}),
  NotifyReport: () => ({}),
  NotifyEvent: () => ({}),
  LogStatusNotification: () => ({}),
};
const answers = protocol === "ocpp2.0.1" ? answers201 : answers16;

function violation(what) {
  violations += 1;
  say({ violation: what });
}

const server = new ocpp.RPCServer({ protocols: [protocol], strictMode: true, pingIntervalMs: 60_000 });

server.on("client", (client) => {
  station = client;
  for (const [action, answer] of Object.entries(answers)) {
    client.handle(action, ({ params }) => {
      const result = answer(params);
      say({ told: action, params, result });
      return result;
    });
  }
  client.handle(({ method }) => {
    violation(`${method} is nothing a station says`);
    throw ocpp.createRPCError("NotImplemented");
  });
  client.on("strictValidationFailure", ({ method, params, result, error, outbound }) => {
    // What this side gets wrong is the scenario's fault, not the station's, but a fault all the same.
    violation(`${outbound ? "sent" : "received"} ${method}: ${error.message} in ${JSON.stringify(result ?? params)}`);
  });
  client.on("badMessage", ({ buffer, error }) => violation(`${error.message || error.rpcErrorCode}: ${buffer}`));
  client.on("close", () => say({ connected: false }));
  say({ connected: true });
});

async function call(id, action, params) {
  try {
    say({ id, result: await station.call(action, params) });
  } catch (error) {
    say({ id, error: { code: error.rpcErrorCode ?? error.name, message: error.message } });
  }
}

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const message = JSON.parse(line);
    if (message.now) now = message.now;
    else call(message.id, message.call, message.params);
  })
  .on("close", () => process.exit(violations ? 1 : 0));

const http = await server.listen(0, "127.0.0.1");
say({ listening: http.address().port });
