/**
 * Makes a part of the page like a fresh one and touches only what differs, so that focus, scroll
 * positions, open details and selected text stay. Elements with an id are matched by it, others by
 * their place. What carries the same `data-key` as before is left as it is.
 */
export function patch(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  if (old.dataset.key !== undefined && old.dataset.key === fresh.dataset.key) return;
  if (old.isEqualNode(fresh)) return;
  patchAttributes(old, fresh);
  patchChildren(old, fresh);
}

function patchAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !isReaders(old, name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && !isReaders(old, name)) old.setAttribute(name, value);
  }
}

/** What is unfolded is up to whoever reads. */
function isReaders(element, attribute) {
  return attribute === "open" && element.nodeName === "DETAILS";
}

function patchChildren(old, fresh) {
  const byId = new Map(
    [...old.children].filter(({ id }) => id !== "").map((each) => [each.id, each]),
  );
  let at = old.firstChild;
  for (const node of [...fresh.childNodes]) {
    const match = node.id ? byId.get(node.id) : alike(at, node) ? at : undefined;
    if (match === undefined || match.nodeName !== node.nodeName) {
      old.insertBefore(node, at);
      continue;
    }
    if (match === at) at = at.nextSibling;
    else old.insertBefore(match, at);
    patch(match, node);
  }
  while (at !== null) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

function alike(at, node) {
  return at !== null && at.nodeName === node.nodeName && !at.id;
}
