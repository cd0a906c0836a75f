internal import CairnCore
internal import CairnDomains
internal import Synchronization

/// What earlier questions at a position found in the tables, decoded.
///
/// The nodes above the leaves are few, and every question reads one of each level. They are kept
/// from the second question at a position on: where the journal goes on between any two questions
/// nothing is kept, and nothing is decoded that the question itself does not need.
final class PromptMemory: Sendable {
    /// A node above the leaves.
    struct Node: Hashable {
        let prompt: PromptNumber
        let isNegative: Bool
        let level: UInt8
        let index: UInt64
    }

    /// Most prompts, and most nodes, that are kept; beyond that all are forgotten.
    private static let countMax = 4_096

    private struct Found {
        /// The tables' last event when they were asked last.
        var position = Position.zero
        var prompts: [PromptName: PromptNumber] = [:]
        var heights: [PromptNumber: PromptHeights] = [:]
        var nodes: [Node: PromptBlock] = [:]
    }

    private let found = Mutex(Found())

    /// Begins a question, and forgets what is of another position.
    ///
    /// - Returns: Whether what the question finds is worth keeping.
    func begin(at position: Position) -> Bool {
        found.withLock { found in
            if found.position == position { return true }
            // All of a journal that goes on is forgotten, which costs nothing where nothing is.
            found = Found()
            found.position = position
            return false
        }
    }

    func number(of prompt: PromptName, at position: Position) -> PromptNumber? {
        found.withLock { $0.position == position ? $0.prompts[prompt] : nil }
    }

    func keep(_ number: PromptNumber, of prompt: PromptName, at position: Position) {
        found.withLock { found in
            guard found.position == position else { return }
            if found.prompts.count >= Self.countMax { found.prompts = [:] }
            found.prompts[prompt] = number
        }
    }

    func heights(of prompt: PromptNumber, at position: Position) -> PromptHeights? {
        found.withLock { $0.position == position ? $0.heights[prompt] : nil }
    }

    func keep(_ heights: PromptHeights, of prompt: PromptNumber, at position: Position) {
        found.withLock { found in
            guard found.position == position else { return }
            if found.heights.count >= Self.countMax { found.heights = [:] }
            found.heights[prompt] = heights
        }
    }

    /// Adds the sums of a node that is kept up to one child.
    ///
    /// - Returns: Whether it is kept, as it is at that position.
    func add(
        _ node: Node,
        upTo child: UInt8,
        to counts: inout PromptCounts,
        at position: Position
    ) -> Bool {
        found.withLock { found in
            guard found.position == position, let index = found.nodes.index(forKey: node) else {
                return false
            }
            found.nodes.values[index].add(upTo: child, to: &counts)
            return true
        }
    }

    func keep(_ block: PromptBlock, of node: Node, at position: Position) {
        found.withLock { found in
            guard found.position == position else { return }
            if found.nodes.count >= Self.countMax { found.nodes = [:] }
            found.nodes[node] = block
        }
    }
}
