internal import Foundation

/// How much more than usual the proofs look at: crashes, kills, pauses, damages, failing calls.
public enum ProofScale {
    /// What `CAIRN_PROOF_SCALE` says; 1 without it.
    public static let factor: Int = {
        let text = ProcessInfo.processInfo.environment["CAIRN_PROOF_SCALE"] ?? ""
        return max(Int(text) ?? 1, 1)
    }()
}
