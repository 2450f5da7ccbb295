using Chitin.Sql.Functions.SystemInformation;

namespace Chitin.Sql.Functions.Library;

/// <summary>All parts of the library, functions before the operators that are backed by them.</summary>
static class BuiltInLibrary
{
    internal static FunctionRegistry Build()
    {
        var builder = new RegistryBuilder();
        ComparisonOperators.Register(builder);
        IntegerOperators.Register(builder);
        FloatOperators.Register(builder);
        NumericOperators.Register(builder);
        MathFunctions.Register(builder);
        NumberCasts.Register(builder);
        TextCasts.Register(builder);
        DateTimeCasts.Register(builder);
        TextFunctions.Register(builder);
        TextOutputFunctions.Register(builder);
        PatternFunctions.Register(builder);
        HashFunctions.Register(builder);
        ByteaFunctions.Register(builder);
        BitFunctions.Register(builder);
        DateTimeOperators.Register(builder);
        DateTimeFunctions.Register(builder);
        ExtractFunctions.Register(builder);
        ClockFunctions.Register(builder);
        FormattingFunctions.Register(builder);
        ArrayFunctions.Register(builder);
        ArrayOperators.Register(builder);
        SeriesFunctions.Register(builder);
        RegexFunctions.Register(builder);
        JsonFunctions.Register(builder);
        JsonBuilders.Register(builder);
        JsonbFunctions.Register(builder);
        JsonPathFunctions.Register(builder);
        MiscellaneousFunctions.Register(builder);
        SessionFunctions.Register(builder);
        PrivilegeFunctions.Register(builder);
        DefinitionFunctions.Register(builder);
        SizeFunctions.Register(builder);
        MonitoringFunctions.Register(builder);
        CatalogRowFunctions.Register(builder);
        InspectionFunctions.Register(builder);
        AdvisoryLockFunctions.Register(builder);
        AggregateSupport.Register(builder);
        Aggregates.AggregateFunctions.Register(builder);
        Windows.WindowFunctions.Register(builder);
        return new FunctionRegistry(builder);
    }
}
