// Who may import whom. The picture is in docs/DESIGN.md; `npm run check` enforces it.
const core = (...rooms) => `^src/core/(${rooms.join('|')})/`;

/** A room of the core may import only itself, the rooms below it and node:*. */
const room = (name, below) => ({
  name: `core-${name}-downward-only`,
  severity: 'error',
  from: { path: core(name) },
  to: { path: '^src/', pathNot: core(name, ...below) },
});

const below = {
  common: [],
  message: ['common'],
  protocol: ['message', 'common'],
  remoting: ['protocol', 'message', 'common'],
  store: ['message', 'common'],
  namesrv: ['remoting', 'protocol', 'message', 'common'],
  broker: ['store', 'remoting', 'protocol', 'message', 'common'],
  client: ['remoting', 'protocol', 'message', 'common'],
  cluster: ['client', 'namesrv', 'broker', 'store', 'remoting', 'protocol', 'message', 'common'],
};

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Type-only cycles are no cycles: they are gone when the program runs.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    ...Object.entries(below).map(([name, rooms]) => room(name, rooms)),
    {
      name: 'the-api-is-for-programs',
      comment: 'Everything in here imports the file that holds what it needs.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/core/index\\.ts$' },
    },
    {
      name: 'core-knows-no-terminal',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { path: ['^src/(commands|cli)/', 'node_modules/(@oclif|chalk|cli-table3|yaml)(/|$)'] },
    },
    {
      name: 'cli-imports-no-command',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^src/commands/' },
    },
    {
      name: 'a-command-imports-no-command',
      severity: 'error',
      from: { path: '^src/commands/' },
      to: { path: '^src/commands/' },
    },
    {
      name: 'commands-import-the-core-lazily',
      comment: 'Inside run(), so that help and usage start without it. Types and the error table are free.',
      severity: 'error',
      from: { path: '^src/commands/' },
      to: {
        path: '^src/core/',
        pathNot: '^src/core/common/(errors|clock|logger)',
        dependencyTypesNot: ['type-only', 'dynamic-import'],
      },
    },
    {
      name: 'a-processor-imports-no-processor',
      severity: 'error',
      from: { path: '^src/core/(broker|namesrv)/processors/(?!index\\.ts$)' },
      to: { path: '^src/core/(broker|namesrv)/processors/', pathNot: 'send-message' },
    },
    {
      name: 'sockets-only-in-remoting',
      severity: 'error',
      from: { path: '^src/core/', pathNot: ['^src/core/(remoting|ha)/', '^src/core/cluster/free-ports'] },
      to: { path: '^(node:)?(net|tls)$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'files-only-in-store-cluster-and-config',
      severity: 'error',
      from: { path: '^src/core/', pathNot: ['^src/core/(store|cluster)/', '^src/core/common/json-config-file'] },
      to: { path: '^(node:)?fs(/promises)?$', dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.cjs', '.json'] },
  },
};
