internal import CairnCore
public import CairnJournal

extension MachineBundle {
    /// Folds each stream of the bundle beside the original: both come to the same state, but for
    /// what stands for something else.
    ///
    /// - Parameters:
    ///   - bundle: The journal with the manifest and then the events.
    ///   - shouldStop: Is asked before each stream whether to go on.
    /// - Throws: ``BundleError``, with ``BundleError/otherState(position:member:)`` where a state
    ///   is another one, such as where a number is reckoned with or the machine looks at a text.
    /// - Complexity: A fold of each stream in both journals, and a document of each state; memory
    ///   for the events of one stream, twice.
    public mutating func check(
        _ bundle: any Journal,
        shouldStop: () -> Bool
    ) async throws(BundleError) {
        for part in parts.values.sorted(by: { $0.original.name.hasBytes(before: $1.original.name) })
        {
            guard !shouldStop() else { throw .stopped }
            let original = try await steps(of: part.original, in: view, isCopy: false)
            let copyView = MachineView(bundle, view.machine)
            let copy = try await steps(of: part.name, in: copyView, isCopy: true)
            guard var place = difference(of: copy, from: original) else { continue }
            // Where it begins: the states before the first event are one.
            var (same, other) = (0, original.count)
            while other - same > 1 {
                let middle = (same + other) / 2
                let parting = difference(
                    of: Array(copy.prefix(middle)),
                    from: Array(original.prefix(middle))
                )
                if let parting {
                    (other, place) = (middle, parting)
                } else {
                    same = middle
                }
            }
            throw .otherState(position: original[other - 1].position, member: place)
        }
    }

    private func steps(
        of stream: StreamID,
        in view: MachineView<Rules>,
        isCopy: Bool
    ) async throws(BundleError) -> [MachineView<Rules>.Step] {
        do throws(IncidentError) {
            return try await view.steps(of: stream)
        } catch {
            // Before the events of a bundle stands its manifest.
            guard isCopy, case .unreadable(let position, let reason) = error,
                case let index = Int(clamping: position.rawValue) - 2,
                pages.positions.indices.contains(index)
            else { throw .incident(error) }
            throw .unreadableCopy(position: pages.positions[index], reason)
        }
    }

    /// Where the states after some events differ in more than stand-ins.
    private func difference(
        of copy: [MachineView<Rules>.Step],
        from original: [MachineView<Rules>.Step]
    ) -> JSONPath? {
        var disguise = disguise
        return disguise.difference(
            of: view.machine.document(of: state(after: copy)),
            from: view.machine.document(of: state(after: original))
        )
    }

    private func state(after steps: [MachineView<Rules>.Step]) -> Rules.State {
        var state = view.machine.initial
        for step in steps { view.take(step, into: &state) }
        return state
    }
}
