// An async callable as a provider of promptfoo: the reply of the fake provider, from this process.
const REPLY = '```json\n{"choice":"A","reasoning":"The first option."}\n```';

module.exports = class Callable {
  id() {
    return 'always-a';
  }

  async callApi(_prompt) {
    return { output: REPLY };
  }
};
