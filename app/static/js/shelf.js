/* A sealed shelf on this phone (IndexedDB, AES-GCM 256 under a key that cannot leave the browser), one per person.
   html[data-person] says whose; nobody else on this phone sees that there is anything on it.
   Where the browser cannot keep or seal (private windows, plain http), window.shelf stays undefined. */
(() => {
  'use strict';
  const owner = document.documentElement.dataset.person;
  if (!owner || !window.indexedDB || !window.crypto?.subtle) return;

  const opened = new Promise((resolve, reject) => {
    const ask = indexedDB.open('shelf', 1);
    ask.onupgradeneeded = () => {
      ask.result.createObjectStore('keys');
      ask.result.createObjectStore('things', {keyPath: 'name'});
    };
    ask.onsuccess = () => resolve(ask.result);
    ask.onerror = () => reject(ask.error);
  });

  const act = async (store, mode, deed) => {
    const database = await opened;
    return new Promise((resolve, reject) => {
      const turn = database.transaction(store, mode, {durability: 'strict'}), ask = deed(turn.objectStore(store));
      turn.oncomplete = () => resolve(ask.result);
      turn.onabort = () => reject(turn.error);
    });
  };

  /* Two tabs may make a key at once: the first one in stays. Held open, because a page that is left gives no time. */
  const stored = () => act('keys', 'readonly', keys => keys.get(owner));
  const secret = stored().then(async found => {
    if (found) return found;
    const made = await crypto.subtle.generateKey({name: 'AES-GCM', length: 256}, false, ['encrypt', 'decrypt']);
    await act('keys', 'readwrite', keys => keys.add(made, owner)).catch(() => {});
    return stored();
  });

  const cipher = (name, iv) => ({name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(JSON.stringify(name))});
  const within = path => IDBKeyRange.bound([owner, ...path], [owner, ...path, []]);

  window.shelf = {
    ready: secret,

    /* name: path of strings under the owner; more: what may lie open beside the words */
    async put(name, words, more) {
      const whole = [owner, ...name], iv = crypto.getRandomValues(new Uint8Array(12));
      const sealed = await crypto.subtle.encrypt(cipher(whole, iv), await secret, new TextEncoder().encode(words));
      await act('things', 'readwrite', things => things.put({...more, name: whole, iv, sealed, at: Date.now()}));
    },

    /* The newest first. */
    async under(path) {
      const found = await act('things', 'readonly', things => things.getAll(within(path)));
      return found.sort((one, other) => other.at - one.at);
    },

    async words({name, iv, sealed}) {
      return new TextDecoder().decode(await crypto.subtle.decrypt(cipher(name, iv), await secret, sealed));
    },

    async remove(path, fits = () => true) {
      await act('things', 'readwrite', things => {
        const ask = things.openCursor(within(path));
        ask.onsuccess = () => {
          if (!ask.result) return;
          if (fits(ask.result.value)) ask.result.delete();
          ask.result.continue();
        };
        return ask;
      });
    },
  };
})();
