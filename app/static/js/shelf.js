/* A sealed shelf on this phone (IndexedDB, AES-GCM 256 under a key that cannot leave the browser), one per person.
   html[data-person] says whose; a page without signal and the worker ask the phone itself who was here last.
   Nobody else on this phone sees that there is anything on it. Where the browser cannot keep or seal (private
   windows, plain http), self.shelf stays undefined. */
(() => {
  'use strict';
  const page = self.document?.documentElement, {person, offline} = page?.dataset ?? {};
  if (!self.indexedDB || !self.crypto?.subtle || page && person === undefined && offline === undefined) return;

  const opened = new Promise((resolve, reject) => {
    const ask = indexedDB.open('shelf', 1);
    ask.onupgradeneeded = () => {
      ask.result.createObjectStore('keys');
      ask.result.createObjectStore('things', {keyPath: 'name'});
    };
    ask.onsuccess = () => {
      ask.result.onversionchange = () => ask.result.close();
      resolve(ask.result);
    };
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

  const key = name => act('keys', 'readonly', keys => keys.get(name));
  const set = (name, value) => act('keys', 'readwrite', keys => value ? keys.put(value, name) : keys.delete(name));
  const here = () => key('here'), leave = () => set('here');
  if (person === '') return leave();  // somebody of the staff is signed in: a participant who was here is not any more

  /* Two tabs may make a key at once: the first one in stays. */
  const secret = async owner => {
    const found = await key(owner);
    if (found) return found;
    const made = await crypto.subtle.generateKey({name: 'AES-GCM', length: 256}, false, ['encrypt', 'decrypt']);
    await act('keys', 'readwrite', keys => keys.add(made, owner)).catch(() => {});
    return key(owner);
  };

  const holder = async () => {
    const owner = person ?? (await here())?.person;
    if (!owner) throw new Error('nobody is here');
    return {owner, key: await secret(owner)};
  };
  // Held open, because a page that is left gives no time. A worker outlives people.
  const held = page && holder(), holding = () => held ?? holder();
  if (person) held.then(() => set('here', {person, language: page.lang})).catch(() => {});

  const cipher = (name, iv) => ({name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(JSON.stringify(name))});

  /* Goes through what lies under a path of the owner. */
  const each = async (path, deed) => {
    const {owner} = await holding();
    const range = IDBKeyRange.bound([owner, ...path], [owner, ...path, []]);
    await act('things', 'readwrite', things => {
      const ask = things.openCursor(range);
      ask.onsuccess = () => {
        if (!ask.result) return;
        deed(ask.result);
        ask.result.continue();
      };
      return ask;
    });
  };

  self.shelf = {
    ready: held, here, leave,

    /* Signed out on the phone, and not yet with the server. */
    leaving: () => key('leaving'), setLeaving: value => set('leaving', value),

    /* name: path of strings under the owner; more: what may lie open beside the words */
    async put(name, words, more) {
      const {owner, key} = await holding(), whole = [owner, ...name], iv = crypto.getRandomValues(new Uint8Array(12));
      const sealed = await crypto.subtle.encrypt(cipher(whole, iv), key, new TextEncoder().encode(words));
      await act('things', 'readwrite', things => things.put({...more, name: whole, iv, sealed, at: Date.now()}));
    },

    /* The newest first. */
    async under(path) {
      const {owner} = await holding(), range = IDBKeyRange.bound([owner, ...path], [owner, ...path, []]);
      const found = await act('things', 'readonly', things => things.getAll(range));
      return found.sort((one, other) => other.at - one.at);
    },

    async words({name, iv, sealed}) {
      return new TextDecoder().decode(await crypto.subtle.decrypt(cipher(name, iv), await secret(name[0]), sealed));
    },

    mark: (path, more) => each(path, place => place.update({...place.value, ...more})),
    remove: (path, fits = () => true) => each(path, place => fits(place.value) && place.delete()),
  };
})();
