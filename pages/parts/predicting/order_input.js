// Names to put in order, lowest first: dragged by pointer, moved by their arrows, or by the arrow keys.
// Nothing is sent before a name was moved, or the order agreed to.
const boards = new WeakMap()

export default function ({ data, parentElement, setStateValue }) {
  let board = boards.get(parentElement)
  if (!board || data.names.some(([id]) => !board.items.has(id))) {  // or a lesson's file was changed
    board = new Board(parentElement, data)
    boards.set(parentElement, board)
  }
  board.say(data)  // at every call: the language may be another
  board.send = order => setStateValue("order", order)
  return () => boards.delete(parentElement)
}

class Board {
  constructor(root, data) {
    this.root = root
    this.list = root.querySelector("ol")
    this.isSaid = data.order.length > 0
    this.items = new Map(data.names.map(([id]) => [id, this.item(id)]))
    this.order = this.isSaid ? [...data.order] : data.names.map(([id]) => id)
    root.querySelector("[data-part=agree]").onclick = () => this.agree()
  }
  item(id) {
    const item = document.createElement("li")
    const [grip, up, down] = ["grip", "step", "step"].map(kind => {
      const made = document.createElement("button")
      made.type = "button"
      made.className = kind
      item.append(made)
      return made
    })
    grip.append(document.createElement("b"), document.createElement("span"))
    grip.setAttribute("aria-describedby", "keys")
    up.textContent = "↑"
    down.textContent = "↓"
    up.tabIndex = down.tabIndex = -1  // by keyboard the grip moves
    up.onclick = () => this.move(id, -1)
    down.onclick = () => this.move(id, 1)
    grip.onkeydown = event => this.key(event, id)
    grip.onpointerdown = event => this.begin(event, id)
    grip.onpointermove = event => this.drag(event, id)
    grip.onpointerup = grip.onpointercancel = () => this.drop(id)
    return { item, grip, up, down }
  }

  // What the learner reads and hears.
  say(data) {
    this.names = Object.fromEntries(data.names)
    this.words = Object.fromEntries(data.words)
    for (const name of ["lowest", "highest", "agree", "keys"]) {
      this.root.querySelector(`[data-part=${name}]`).textContent = this.words[name]
    }
    this.list.setAttribute("aria-label", this.words.list)
    this.show()
    this.tell(this.isSaid ? this.words.whole : this.words.open)
  }
  tell(text) { this.root.querySelector("[data-part=said]").textContent = text }
  filled(text, id) {
    return text.replace("{name}", this.names[id]).replace("{place}", this.order.indexOf(id) + 1).replace("{all}", this.order.length)
  }
  show() {
    this.order.forEach((id, k) => {
      const { item, grip, up, down } = this.items.get(id)
      const [place, name] = grip.children
      place.textContent = k + 1
      name.textContent = this.names[id]
      grip.setAttribute("aria-label", this.filled(this.words.at, id))
      up.setAttribute("aria-label", this.filled(this.words.up, id))
      down.setAttribute("aria-label", this.filled(this.words.down, id))
      up.disabled = k === 0
      down.disabled = k === this.order.length - 1
      if (this.list.children[k] !== item) this.list.insertBefore(item, this.list.children[k] ?? null)
    })
  }

  key(event, id) {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key]
    if (!by) return
    event.preventDefault()
    event.stopPropagation()
    this.move(id, by)
    this.items.get(id).grip.focus()  // which the list loses where it puts an item elsewhere
  }
  move(id, by) {
    const from = this.order.indexOf(id), to = from + by
    if (to >= 0 && to < this.order.length) {
      this.put(id, to)
      this.agree()
    }
    this.tell(this.filled(this.words.at, id))
  }
  put(id, to) {
    this.order.splice(this.order.indexOf(id), 1)
    this.order.splice(to, 0, id)
    this.show()
  }
  agree() {
    this.isSaid = true
    this.tell(this.words.whole)
    this.send([...this.order])
  }

  begin(event, id) {
    if (event.button) return
    this.held = { id, y: event.clientY, order: this.order.join("\n") }
    const { item, grip } = this.items.get(id)
    grip.setPointerCapture(event.pointerId)
    item.classList.add("held")
  }
  drag(event, id) {
    if (this.held?.id !== id) return
    const { grip } = this.items.get(id)
    const others = this.order.filter(other => other !== id).map(other => this.items.get(other).item.getBoundingClientRect())
    const to = others.filter(box => (box.top + box.bottom) / 2 < event.clientY).length
    if (to !== this.order.indexOf(id)) {
      this.put(id, to)
      if (!grip.hasPointerCapture(event.pointerId)) grip.setPointerCapture(event.pointerId)
    }
  }
  drop(id) {
    if (this.held?.id !== id) return
    this.items.get(id).item.classList.remove("held")
    const hasMoved = this.held.order !== this.order.join("\n")
    this.held = null
    if (hasMoved) this.agree()
  }
}
