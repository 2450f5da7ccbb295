using System.Diagnostics.CodeAnalysis;

namespace Chitin.Core;

/// <summary>Checks that stay on in release builds. A broken one is a bug of ours, never of the user's input.</summary>
public static class Invariant
{
    public static void Holds([DoesNotReturnIf(false)] bool condition, string rule)
    {
        if (!condition)
            throw new InvariantException(rule);
    }

    [DoesNotReturn]
    public static void Broken(string rule) => throw new InvariantException(rule);
}

/// <summary>A broken invariant.</summary>
public sealed class InvariantException(string rule) : Exception("invariant broken: " + rule);
