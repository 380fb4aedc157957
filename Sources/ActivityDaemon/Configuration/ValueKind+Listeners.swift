extension ValueKind where Value == ListenPlace {
    static var listenPlace: Self {
        .scalar(ListenPlace.accepted, format: \.description) { ListenPlace($0.trimmed) }
    }
}

extension ValueKind where Value == ListenPlace? {
    /// The same, and there may be none.
    static var optionalListenPlace: Self {
        .scalar(ListenPlace.accepted + ", or empty for none", format: { $0?.description ?? "" }) { text in
            let text = text.trimmed
            return text.isEmpty ? .some(nil) : ListenPlace(text)
        }
        .orEmptyForNone()
    }
}

extension ValueKind where Value == FileMode {
    static var fileMode: Self {
        .scalar(FileMode.accepted, format: \.description) { FileMode($0.trimmed) }
    }
}
