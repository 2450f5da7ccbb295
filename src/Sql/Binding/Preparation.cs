using System.Runtime.CompilerServices;

namespace Chitin.Sql.Binding;

/// <summary>
/// What binding, planning and compiling ask at every node that they enter, so that no statement outgrows the stack or its time: they run without a break on one thread, and all
/// recursion in them goes through here.
/// </summary>
internal static class Preparation
{
    [ThreadStatic]
    private static CancellationToken t_interrupt;

    /// <summary>Until the scope is disposed, this thread's preparation ends when <paramref name="interrupt"/> fires.</summary>
    public static Scope Begin(CancellationToken interrupt)
    {
        var scope = new Scope(t_interrupt);
        t_interrupt = interrupt;
        return scope;
    }

    /// <summary>Throws 54001 when the stack is about to end, OperationCanceledException when the statement is to.</summary>
    public static void Check()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw BindErrors.TooComplex();
        t_interrupt.ThrowIfCancellationRequested();
    }

    internal readonly struct Scope(CancellationToken outer) : IDisposable
    {
        public void Dispose() => t_interrupt = outer;
    }
}
