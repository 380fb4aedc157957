const byId = id => document.getElementById(id);

/** An element; what is no element among its children becomes text, never markup. */
function element(name, properties = {}, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
        if (key === "data") Object.assign(node.dataset, value);
        else if (key in node) node[key] = value;
        else node.setAttribute(key, value);
    }
    node.append(...children.filter(child => child !== null));
    return node;
}

function drawing(name, attributes = {}, ...children) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
}

/** Sets a text unless it is there already, so that nobody is told twice. */
function say(id, text) {
    const node = byId(id);
    if (node.textContent !== text) node.textContent = text;
}

/** Replaces what is in a node, and keeps the focus on what has the same `data-key`. */
function replace(node, ...children) {
    const key = node.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    node.replaceChildren(...children.filter(child => child !== null));
    if (key) node.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({preventScroll: true});
}

/** Whether something differs from what was drawn last in a node. What is the same is not drawn again. */
function isNew(node, ...parts) {
    const signature = JSON.stringify(parts);
    if (node.signature === signature) return false;
    node.signature = signature;
    return true;
}
