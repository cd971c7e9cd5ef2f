/* The last service worker (FOOTBRIDGE_WORKER=false): takes the caches and itself away. What waits in the outbox stays,
   and is sent by the pages. No page is loaded again: somebody may be writing in it. */
addEventListener('install', () => skipWaiting());
addEventListener('activate', event => event.waitUntil((async () => {
  await Promise.all((await caches.keys()).map(name => caches.delete(name)));
  await registration.unregister();
})()));
