/* The page that lists what waits on this phone: to read it, to copy it, to look at it again, to throw it away. */
(() => {
  'use strict';
  const {outbox, shelf, waits} = window, place = document.getElementById('queue');
  if (!outbox || !place) return;

  const part = (card, name) => card.querySelector(`[data-part=${name}]`);
  const row = ([question, answer]) => {
    const line = document.createElement('p'), asked = document.createElement('small');
    asked.textContent = question && `${question}\n`;
    line.append(asked, answer);
    return line;
  };

  const again = async (item, post) => {
    const id = outbox.idOf(item), version = '';
    await shelf.put([post.draft, post.action, version, id], JSON.stringify(post.pairs), {id, version});
    location.assign(post.page);
  };

  const drop = async item => {
    await shelf.remove(['outbox', outbox.idOf(item)]);
    waits.paint({word: 'kept', left: await outbox.list()});
  };

  const card = async (item, locked) => {
    const post = await outbox.read(item), made = place.querySelector('template').content.cloneNode(true).firstElementChild;
    const written = new Date(post.pairs.find(([name]) => name === 'written_at')[1]);
    part(made, 'title').textContent = post.title;
    part(made, 'when').textContent = written.toLocaleString(document.documentElement.lang, {dateStyle: 'medium', timeStyle: 'short'});
    part(made, 'told').replaceChildren(...post.told.map(row));
    part(made, 'told').id = part(made, 'copy').dataset.copy = `told-${outbox.idOf(item)}`;
    part(made, 'again').onclick = () => again(item, post);
    part(made, 'drop').onclick = () => drop(item);
    waits.only(made, locked ? 'sign-in' : item.state);
    return made;
  };

  let latest;
  const list = async left => {
    latest = left;
    const locked = left.some(item => item.state === 'sign-in');  // whoever holds this phone has to be its owner
    const cards = await Promise.all(left.map(item => card(item, locked).catch(() => '')));
    if (left !== latest) return;  // opening them took so long that there is newer word
    place.querySelector('ul').replaceChildren(...cards);
    place.hidden = !left.length;
    document.getElementById('queue-none').hidden = left.length > 0;
    document.getElementById('may-go').hidden = await navigator.storage?.persisted?.();
  };

  document.getElementById('send-now').addEventListener('click', () => waits.flush());
  window.listing = list;
})();
