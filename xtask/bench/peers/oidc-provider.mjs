// npm's oidc-provider as a peer: CIBA in poll mode, over memory or Redis. The first line that it prints says where it listens.
//
// Arguments: "memory" or "redis". IAMPASS_BENCH_REDIS names the Redis server; its database 9 is emptied.

import { createServer } from 'node:http';

import { Redis } from 'ioredis';
import Provider from 'oidc-provider';

const CLIENT = { id: 'bench', secret: 'a-fixed-key-of-the-bench-for-tests' };
const overRedis = process.argv[2] === 'redis';
const redis = overRedis ? new Redis(process.env.IAMPASS_BENCH_REDIS ?? 'redis://127.0.0.1:6379/9') : undefined;
await redis?.flushdb();

/** Objects of the provider, as JSON with an expiry. */
class Stored {
  constructor(kind) {
    this.kind = kind;
  }

  key(id) {
    return `${this.kind}:${id}`;
  }

  async upsert(id, payload, seconds) {
    const kept = seconds ? ['EX', seconds] : [];
    const all = redis.pipeline().set(this.key(id), JSON.stringify(payload), ...kept);
    if (payload.grantId) {
      all.sadd(`grant:${payload.grantId}`, this.key(id)).expire(`grant:${payload.grantId}`, seconds ?? 86_400);
    }
    await all.exec();
  }

  async find(id) {
    const found = await redis.get(this.key(id));
    return found ? JSON.parse(found) : undefined;
  }

  async consume(id) {
    const found = await this.find(id);
    found.consumed = Math.floor(Date.now() / 1000);
    await redis.set(this.key(id), JSON.stringify(found), 'KEEPTTL');
  }

  async destroy(id) {
    await redis.del(this.key(id));
  }

  async revokeByGrantId(id) {
    const keys = await redis.smembers(`grant:${id}`);
    await redis.del(...keys, `grant:${id}`);
  }
}

/** Memory without a bound: the provider's own keeps a thousand objects. */
class Remembered {
  static all = new Map();

  constructor(kind) {
    this.kind = kind;
  }

  key(id) {
    return `${this.kind}:${id}`;
  }

  async upsert(id, payload) {
    Remembered.all.set(this.key(id), payload);
  }

  async find(id) {
    return Remembered.all.get(this.key(id));
  }

  async consume(id) {
    Remembered.all.get(this.key(id)).consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id) {
    Remembered.all.delete(this.key(id));
  }

  async revokeByGrantId() {}
}

// The questions that wait for a user's phone.
const waiting = new Map();
const questions = {
  put: (user, id) => (redis ? redis.set(`question:${user}`, id, 'EX', 120) : waiting.set(user, id)),
  of: async (user) => (redis ? redis.get(`question:${user}`) : waiting.get(user)),
  end: (user) => (redis ? redis.del(`question:${user}`) : waiting.delete(user)),
};

const server = createServer();
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const origin = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(origin, {
  adapter: redis ? Stored : Remembered,
  clients: [
    {
      client_id: CLIENT.id,
      client_secret: CLIENT.secret,
      grant_types: ['urn:openid:params:grant-type:ciba'],
      response_types: [],
      redirect_uris: [],
      backchannel_token_delivery_mode: 'poll',
      token_endpoint_auth_method: 'client_secret_basic',
    },
  ],
  features: {
    ciba: {
      enabled: true,
      deliveryModes: ['poll'],
      processLoginHint: (_, hint) => hint,
      triggerAuthenticationDevice: (_, request, account) => questions.put(account.accountId, request.jti),
      validateBindingMessage() {},
      validateRequestContext() {},
      verifyUserCode() {},
    },
    introspection: { enabled: true, allowedPolicy: () => true },
    devInteractions: { enabled: false },
  },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
});
const oidc = provider.callback();

/** The phone of a user: asks what waits, and accepts it. */
async function phone(request, response) {
  const user = request.url.split('/')[2];
  const id = await questions.of(user);
  if (request.method === 'POST' && id) {
    const question = await provider.BackchannelAuthenticationRequest.find(id);
    const grant = new provider.Grant({ accountId: user, clientId: question.clientId });
    grant.addOIDCScope('openid');
    // Its id is made when it is saved.
    await grant.save();
    await provider.backchannelResult(question, grant, { acr: '0' });
    await questions.end(user);
  }
  const body = JSON.stringify({ question: id ?? null });
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
}

server.on('request', (request, response) => {
  if (!request.url.startsWith('/phone/')) return oidc(request, response);
  request.resume();
  return phone(request, response).catch((error) => response.writeHead(500).end(String(error)));
});
console.log(JSON.stringify({ address: origin.slice('http://'.length), ...CLIENT }));
// It ends with the one who started it.
process.stdin.resume().on('end', () => process.exit(0));
