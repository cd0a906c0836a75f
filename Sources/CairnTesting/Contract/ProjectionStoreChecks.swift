internal import CairnCore
internal import CairnJournal

/// What the store of projections' tables must do, of a journal that has one.
extension JournalContract {
    static let projectionStoreChecks: [ContractCheck] = [
        ContractCheck("tables that were never written are empty") { test in
            guard let store = test.journal.projectionStore else { return }
            try expect(try store.tables().count, 0, "tables in a new store")
            try store.read(table("a")) { stored throws(JournalError) in
                if stored.mark != nil { throw .damaged(path: "", reason: "a mark of nothing") }
            }
            try expect(try entries(store, "a").count, 0, "entries of a new table")
        },
        ContractCheck("changes go on from the mark they name, and from no other") { test in
            guard let store = test.journal.projectionStore else { return }
            let first = try await write(store, "a", [(1, 10), (2, 20)], at: 5, expecting: nil)
            try expect(first?.entryCount, 2, "entries of the first mark")
            let other = ProjectionMark(
                position: Position(rawValue: 5),
                eventDigest: digest(5),
                entryCount: 2,
                stateHash: 0
            )
            for wrong in [nil, other] {
                let refused = try await write(store, "a", [(3, 30)], at: 6, expecting: wrong)
                try expect(refused, nil, "changes from \(String(describing: wrong))")
            }
            try expect(try entries(store, "a").map(\.value), [[10], [20]], "after the refusals")
            let second = try await write(
                store,
                "a",
                [(1, nil), (2, 21), (3, 30)],
                at: 6,
                expecting: first
            )
            try expect(second?.position, Position(rawValue: 6), "the second mark's position")
            try expect(try entries(store, "a").map(\.value), [[21], [30]], "after the second")
        },
        ContractCheck("the state hash tells the entries and not the way to them") { test in
            guard let store = test.journal.projectionStore else { return }
            let once = try await write(store, "a", [(1, 11), (3, 30)], at: 3, expecting: nil)
            var mark = try await write(store, "b", [(1, 10), (2, 20)], at: 1, expecting: nil)
            mark = try await write(store, "b", [(2, nil), (3, 30)], at: 2, expecting: mark)
            mark = try await write(store, "b", [(1, 11), (9, nil)], at: 3, expecting: mark)
            try expect(mark?.stateHash, once?.stateHash, "the hash of the same entries")
            try expect(mark?.entryCount, once?.entryCount, "their number")
            mark = try await write(store, "b", [(3, 31)], at: 4, expecting: mark)
            try expect(mark?.stateHash == once?.stateHash, false, "the hash of others")
        },
        ContractCheck("tables do not touch each other, and go one by one") { test in
            guard let store = test.journal.projectionStore else { return }
            _ = try await write(store, "b", [(1, 1)], at: 1, expecting: nil)
            _ = try await write(store, "a", [(1, 2)], at: 1, expecting: nil)
            let other = ProjectionTable(name: "a", fingerprint: digest(9))
            _ = try await store.write(changes([(1, 3)], at: 1), to: other, expecting: nil)
            try expect(try store.tables().map(\.table.name), ["a", "a", "b"], "the tables")
            try await store.remove(table("a"))
            try await store.remove(table("c"))
            try expect(try entries(store, "a").count, 0, "entries of a removed table")
            try expect(try entries(store, "b").map(\.value), [[1]], "entries of its neighbour")
            try expect(try store.tables().map(\.table), [other, table("b")], "what is left")
            let again = try await write(store, "a", [(1, 7)], at: 1, expecting: nil)
            try expect(again?.entryCount, 1, "entries of the table begun again")
        },
        ContractCheck("values are found by their keys, one by one and many at once") { test in
            guard let store = test.journal.projectionStore else { return }
            var generator = SeededGenerator(seed: 12)
            for name in ["0", "b"] {
                _ = try await write(store, name, [(0, 1), (255, 2)], at: 1, expecting: nil)
            }
            var model: [[UInt8]: [UInt8]] = [:]
            for _ in 0..<2_000 {
                let key = generator.bytes(count: generator.below(6))
                model[key] = generator.bytes(count: generator.below(generator.pick([9, 5_000])))
            }
            let sorted = model.map { (key: $0.key, value: Optional($0.value)) }
                .sorted { $0.key.lexicographicallyPrecedes($1.key) }
            let all = ProjectionChanges(
                entries: sorted,
                position: Position(rawValue: 1),
                eventDigest: digest(1)
            )
            _ = try await store.write(all, to: table("a"), expecting: nil)
            let inOrder = sorted.map(\.key)
            let some = (0..<500).map { _ in
                generator.isHit(1, outOf: 3)
                    ? generator.bytes(count: generator.below(6)) : generator.pick(inOrder)
            }
            for keys in [inOrder, inOrder.reversed(), some, []] {
                let expected = keys.map { model[$0] }
                let (single, together) = try values(store, keys)
                try expect(single == expected, true, "values of \(keys.count) keys, one by one")
                try expect(together == expected, true, "values of \(keys.count) keys at once")
            }
        },
        ContractCheck("entries are walked in the order of their bytes, both ways") { test in
            guard let store = test.journal.projectionStore else { return }
            var generator = SeededGenerator(seed: 11)
            var model: [[UInt8]: [UInt8]] = [:]
            var mark: ProjectionMark?
            for position in 1...40 {
                var changed: [[UInt8]: [UInt8]?] = [:]
                for _ in 0..<generator.below(20) {
                    let key = (0..<1 + generator.below(4)).map { _ in
                        generator.pick([0, 1, 2, 0xFE, 0xFF] as [UInt8])
                    }
                    changed[key] = .some(
                        generator.isHit(1, outOf: 4)
                            ? nil : generator.bytes(count: generator.below(40))
                    )
                }
                for (key, value) in changed { model[key] = value }
                let sorted = changed.map { (key: $0.key, value: $0.value) }
                    .sorted { $0.key.lexicographicallyPrecedes($1.key) }
                let changes = ProjectionChanges(
                    entries: sorted,
                    position: Position(rawValue: UInt64(position)),
                    eventDigest: digest(UInt8(position))
                )
                mark = try await store.write(changes, to: table("a"), expecting: mark)
                try expect(mark?.entryCount, UInt64(model.count), "entries at \(position)")
                // Neighbours on both sides, which no walk may reach.
                if position == 1 {
                    for name in ["0", "b", "c", "d"] {
                        _ = try await write(store, name, [(0, 1), (255, 2)], at: 1, expecting: nil)
                    }
                }
                let prefixes: [[UInt8]] = [[], [1], [0xFF], [0xFF, 0xFF], [2, 0xFE], [7]]
                let starts: [[UInt8]?] = [nil, [1], [1, 0xFF], [0], [0xFF, 0xFF, 0xFF], []]
                for prefix in prefixes {
                    for start in starts {
                        for direction in [PageDirection.forwards, .backwards] {
                            let found = try walk(store, prefix, start, direction)
                            let expected = walk(model, prefix, start, direction)
                            try expect(
                                found,
                                expected,
                                "keys under \(prefix) from \(start ?? []) \(direction)"
                            )
                        }
                    }
                }
            }
        },
        ContractCheck(
            "tables are there as they were when the journal is opened again, or gone",
            needsReopening: true
        ) { test in
            guard let store = test.journal.projectionStore else {
                return try expect(test.keepsProjections, false, "tables without a store are kept")
            }
            let mark = try await write(store, "a", [(1, 10), (2, 20)], at: 5, expecting: nil)
            try await test.reopen()
            let again = test.journal.projectionStore
            let kept = try again?.read(table("a")) { stored throws(JournalError) in stored.mark }
            // A store that is gone with its journal says that it has nothing.
            let isKept = test.keepsProjections || kept != nil
            try expect(kept, isKept ? mark : nil, "the mark after opening again")
            let found = try again.map { try entries($0, "a").map(\.value) } ?? []
            try expect(found, isKept ? [[10], [20]] : [], "the entries after opening again")
        },
    ]
}

private func digest(_ number: UInt8) -> ContentDigest {
    ContentDigest(type: "check", content: [number].span.bytes)
}

private func table(_ name: String) -> ProjectionTable {
    ProjectionTable(name: name, fingerprint: digest(0))
}

private func changes(_ entries: [(UInt8, UInt8?)], at position: UInt64) -> ProjectionChanges {
    ProjectionChanges(
        entries: entries.map { ([$0.0], $0.1.map { [$0] }) },
        position: Position(rawValue: position),
        eventDigest: digest(UInt8(truncatingIfNeeded: position))
    )
}

private func write(
    _ store: any ProjectionStore,
    _ name: String,
    _ entries: [(UInt8, UInt8?)],
    at position: UInt64,
    expecting mark: ProjectionMark?
) async throws -> ProjectionMark? {
    try await store.write(changes(entries, at: position), to: table(name), expecting: mark)
}

private func entries(
    _ store: any ProjectionStore,
    _ name: String
) throws -> [(key: [UInt8], value: [UInt8])] {
    var found: [(key: [UInt8], value: [UInt8])] = []
    try store.read(table(name)) { stored throws(JournalError) in
        try stored.forEach(inPrefix: [], from: nil, .forwards) { key, value in
            found.append((key.array(), value.array()))
            return .proceed
        }
    }
    return found
}

private func values(
    _ store: any ProjectionStore,
    _ keys: [[UInt8]]
) throws -> (single: [[UInt8]?], together: [[UInt8]?]) {
    var list = ProjectionKeyList(capacity: keys.count)
    for key in keys { list.add { $0.raw(key) } }
    var single: [[UInt8]?] = []
    var together = [[UInt8]?](repeating: nil, count: keys.count)
    try store.read(table("a")) { stored throws(JournalError) in
        for key in keys {
            var found: [UInt8]?
            _ = try stored.withValue(of: key.span.bytes) { found = $0.array() }
            single.append(found)
        }
        try stored.forEachValue(of: list) { index, value in together[index] = value.array() }
    }
    return (single, together)
}

private func walk(
    _ store: any ProjectionStore,
    _ prefix: [UInt8],
    _ start: [UInt8]?,
    _ direction: PageDirection
) throws -> [[[UInt8]]] {
    var found: [[[UInt8]]] = []
    try store.read(table("a")) { stored throws(JournalError) in
        try stored.forEach(inPrefix: prefix, from: start, direction) { key, value in
            found.append([key.array(), value.array()])
            return .proceed
        }
    }
    return found
}

private func walk(
    _ model: [[UInt8]: [UInt8]],
    _ prefix: [UInt8],
    _ start: [UInt8]?,
    _ direction: PageDirection
) -> [[[UInt8]]] {
    let isForwards = direction == .forwards
    let found = model.filter { key, _ in
        guard key.starts(with: prefix) else { return false }
        guard let start else { return true }
        return key == start || key.lexicographicallyPrecedes(start) != isForwards
    }
    let sorted = found.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        .map { [$0.key, $0.value] }
    return isForwards ? sorted : sorted.reversed()
}
