using System.Runtime.CompilerServices;
using Chitin.Core;
using Chitin.Sql.Binding;
using Chitin.Sql.Functions;
using Chitin.Transactions;

namespace Chitin.Sql.Execution;

/// <summary>
/// The run state of one statement execution. All operators of a plan share one frame of slots: every column of the plan has a slot, operators write the columns
/// that they produce and expressions read them. A correlated subplan reads its outer columns in place, and a nested loop copies nothing.
/// </summary>
internal sealed class ExecutionState : EvaluationContext
{
    private readonly Operator?[] _subplans;
    private readonly object?[] _memory;
    private readonly CancellationToken _interrupt;
    private MemoryShare? _share;   // most statements keep nothing
    private Dictionary<BoundCommonTable, CommonTableRows>? _commonTables;
    private Dictionary<BoundCommonTable, CommonTableRows>? _workingTables;
    private int _tick;

    public ExecutionState(CompiledPlan plan, Datum[] parameters, StatementEnvironment environment)
    {
        Environment = environment;
        Transaction = environment.Transaction;
        Slots = new Datum[plan.SlotCount];
        _subplans = plan.SubplanCount == 0 ? [] : new Operator?[plan.SubplanCount];
        _memory = plan.MemoryCount == 0 ? [] : new object?[plan.MemoryCount];
        _interrupt = environment.Interrupt;
        Plan = plan;
        Parameters = parameters;
        Format = environment.Format;
        TransactionTimestamp = environment.TransactionTimestamp;
        StatementTimestamp = environment.StatementTimestamp;
        Session = environment.Session;
    }

    public CompiledPlan Plan { get; }

    public StatementEnvironment Environment { get; }

    public ITransaction Transaction { get; }

    public Datum[] Slots { get; }

    public long WorkMemory => Environment.WorkMemory;

    /// <summary>Set while EXPLAIN ANALYZE runs: operators count rows and time.</summary>
    public Instrumentation? Instrumentation { get; init; }

    /// <summary>The run state of an expression's subplan, made at first use.</summary>
    public Operator Subplan(int index, OperatorTemplate template) => _subplans[index] ??= template.Create(this);

    /// <summary>A place for what an expression keeps between rows (hash tables of subquery results, compiled patterns).</summary>
    public ref object? Memory(int index) => ref _memory[index];

    public CommonTableRows CommonTable(BoundCommonTable table) =>
        _commonTables is not null && _commonTables.TryGetValue(table, out var rows)
            ? rows
            : throw new InvariantException($"common table {table.Name} is read before it is computed");

    public void SetCommonTable(BoundCommonTable table, CommonTableRows rows) => (_commonTables ??= [])[table] = rows;

    /// <summary>The rows of a recursion's last round, which its recursive term reads.</summary>
    public CommonTableRows WorkingTable(BoundCommonTable table) =>
        _workingTables is not null && _workingTables.TryGetValue(table, out var rows)
            ? rows
            : throw new InvariantException($"the working table of {table.Name} is read outside of its recursion");

    public void SetWorkingTable(BoundCommonTable table, CommonTableRows rows) => (_workingTables ??= [])[table] = rows;

    public bool HasCommonTable(BoundCommonTable table) => _commonTables?.ContainsKey(table) == true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override void CheckInterrupts()
    {
        if ((++_tick & 0x3f) == 0 && _interrupt.IsCancellationRequested)
            ThrowInterrupted();
    }

    /// <summary>Counts so many bytes that are kept between rows. 53200 when the node has no more.</summary>
    public void Hold(long bytes) => (_share ??= new MemoryShare(Environment.Memory)).Hold(bytes);

    public void LetGo(long bytes) => _share?.LetGo(bytes);

    public override void Wait(TimeSpan time)
    {
        using var blocked = WorkerThread.Block();
        if (_interrupt.WaitHandle.WaitOne(time))
            ThrowInterrupted();
    }

    /// <summary>Closes every subplan and lets go of what was kept between rows.</summary>
    public void Close()
    {
        CloseSubplans();
        _share?.Clear();
    }

    /// <summary>The same but for the statement's rows, which are still to be read.</summary>
    public void CloseSubplans()
    {
        foreach (var memory in _memory)
            (memory as RowBuffer)?.Clear();
        foreach (var rows in (_commonTables ?? []).Values)
            rows.Close();
        foreach (var subplan in _subplans)
            subplan?.Close();
    }

    private void ThrowInterrupted() => _interrupt.ThrowIfCancellationRequested();
}

/// <summary>Row counts and times per template, for EXPLAIN ANALYZE.</summary>
internal sealed class Instrumentation
{
    private readonly Dictionary<OperatorTemplate, OperatorStatistics> _statistics = [];

    public OperatorStatistics For(OperatorTemplate template)
    {
        if (!_statistics.TryGetValue(template, out var statistics))
            _statistics.Add(template, statistics = new OperatorStatistics());
        return statistics;
    }

    public OperatorStatistics? Find(OperatorTemplate template) => _statistics.GetValueOrDefault(template);
}

internal sealed class OperatorStatistics
{
    public long Rows { get; set; }

    public long Loops { get; set; }

    /// <summary>Stopwatch ticks.</summary>
    public long StartupTicks { get; set; }

    public long TotalTicks { get; set; }
}
