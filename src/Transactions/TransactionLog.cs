using Chitin.Storage;
using Microsoft.Extensions.Logging;

namespace Chitin.Transactions;

/// <summary>Event ids 2000 to 2999.</summary>
internal static partial class TransactionLog
{
    [LoggerMessage(2000, LogLevel.Information, "Transactions start above {LastCommit}, history from {HistoryLow}")]
    public static partial void Opened(this ILogger logger, Timestamp lastCommit, Timestamp historyLow);

    [LoggerMessage(2001, LogLevel.Critical, "The commit log failed for good; no more commits are accepted")]
    public static partial void PipelineFailed(this ILogger logger, Exception cause);

    [LoggerMessage(2002, LogLevel.Error, "A group of {Count} commits was refused by the commit log")]
    public static partial void GroupRefused(this ILogger logger, int count, Exception cause);

    [LoggerMessage(2003, LogLevel.Information, "Deadlock: transaction {Waiter} gives way")]
    public static partial void Deadlock(this ILogger logger, long waiter);

    [LoggerMessage(2004, LogLevel.Debug, "History low moved to {Low}")]
    public static partial void HistoryAdvanced(this ILogger logger, Timestamp low);

    [LoggerMessage(2006, LogLevel.Warning, "The record of recent commits is full; snapshots before {Floor} can no longer be validated")]
    public static partial void RecentCommitsFull(this ILogger logger, Timestamp floor);

    [LoggerMessage(2007, LogLevel.Information, "Removed what an unfinished load had left at {Range}")]
    public static partial void LoadRemoved(this ILogger logger, string range);

    [LoggerMessage(2008, LogLevel.Error, "What a load has left could not be removed; the next start does it")]
    public static partial void LoadNotRemoved(this ILogger logger, Exception cause);

    [LoggerMessage(2009, LogLevel.Information, "The space of {Count} dropped tables and indexes was given back")]
    public static partial void RangesReclaimed(this ILogger logger, int count);
}
