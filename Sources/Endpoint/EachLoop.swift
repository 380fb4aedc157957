import NIOCore

/// Something for each event loop of a group, made on its loop when it is first asked for.
struct EachLoop<Value>: Sendable {
    private let boxes: [ObjectIdentifier: NIOLoopBoundBox<Value?>]
    private let make: @Sendable () -> Value

    init(of group: any EventLoopGroup, make: @escaping @Sendable () -> Value) {
        let boxes = group.makeIterator().map { loop in
            (ObjectIdentifier(loop), NIOLoopBoundBox.makeEmptyBox(valueType: Value.self, eventLoop: loop))
        }
        self.boxes = Dictionary(uniqueKeysWithValues: boxes)
        self.make = make
    }

    /// That of a loop of the group, on which this has to be called.
    subscript(loop: any EventLoop) -> Value {
        guard let box = boxes[ObjectIdentifier(loop)] else { preconditionFailure("\(loop) is of another group") }
        if let value = box.value { return value }
        let value = make()
        box.value = value
        return value
    }
}
