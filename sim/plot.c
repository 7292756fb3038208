/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SVG without a library: axes, lines, bars. */
#include <sim/plot.h>

#include <math.h>
#include <string.h>

#define WIDTH  640.0
#define HEIGHT 320.0
#define LEFT   70.0
#define RIGHT  150.0
#define TOP    30.0
#define BOTTOM 45.0

static const char *const colours[PLOT_MAX_SERIES] = {
    "#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf",
};

/* An axis: values from low to high between two places of the drawing. */
struct axis {
    double low, high, from, to;
    bool logarithmic;
};

static double place(const struct axis *axis, double value)
{
    double low = axis->low, high = axis->high;

    if ( axis->logarithmic )
    {
        low = log10(low);
        high = log10(high);
        value = log10(value);
    }
    if ( high <= low )
        return axis->from;
    return axis->from + (value - low) / (high - low) * (axis->to - axis->from);
}

/* 1, 2 or 5 times a power of ten, about a fifth of the axis. */
static double linear_step(const struct axis *axis)
{
    double rough = (axis->high - axis->low) / 5;
    double power = pow(10, floor(log10(rough > 0 ? rough : 1)));
    double part = rough / power;

    return power * (part > 5 ? 10 : part > 2 ? 5 : part > 1 ? 2 : 1);
}

/* The tick after @tick; the first one for a negative one. */
static double next_tick(const struct axis *axis, double tick)
{
    double step;

    if ( !axis->logarithmic )
    {
        step = linear_step(axis);
        return tick < axis->low ? ceil(axis->low / step) * step : tick + step;
    }
    if ( tick < axis->low )
        tick = pow(10, floor(log10(axis->low)));
    else
        tick *= axis->high / axis->low > 40 ? 10 : 2;
    while ( tick < axis->low * 0.999 )
        tick *= axis->high / axis->low > 40 ? 10 : 2;
    return tick;
}

static void begin(FILE *s, const char *title, const char *x, const char *y)
{
    fprintf(s,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f "
            "%.0f\" width=\"%.0f\" height=\"%.0f\" font-family=\"sans-serif\" "
            "font-size=\"11\">\n"
            "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
            "<text x=\"%.0f\" y=\"18\" font-size=\"13\" "
            "font-weight=\"bold\">%s</text>\n",
            WIDTH, HEIGHT, WIDTH, HEIGHT, LEFT, title);
    fprintf(s,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n",
            (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, x);
    fprintf(s,
            "<text transform=\"translate(14,%.1f) rotate(-90)\" "
            "text-anchor=\"middle\">%s</text>\n",
            (TOP + HEIGHT - BOTTOM) / 2, y);
}

static void draw_axes(FILE *s, const struct axis *x, const struct axis *y)
{
    double tick;

    for ( tick = next_tick(x, -1); tick <= x->high * 1.001;
          tick = next_tick(x, tick) )
        fprintf(s,
                "<path d=\"M%.1f %.1fV%.1f\" stroke=\"#ddd\"/><text "
                "x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%g</text>\n",
                place(x, tick), y->from, y->to, place(x, tick), y->from + 14,
                tick);
    for ( tick = next_tick(y, -1); tick <= y->high * 1.001;
          tick = next_tick(y, tick) )
        fprintf(s,
                "<path d=\"M%.1f %.1fH%.1f\" stroke=\"#ddd\"/><text "
                "x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%g</text>\n",
                x->from, place(y, tick), x->to, x->from - 4,
                place(y, tick) + 4, tick);
    fprintf(s,
            "<path d=\"M%.1f %.1fV%.1fH%.1f\" fill=\"none\" "
            "stroke=\"black\"/>\n",
            x->from, y->to, y->from, x->to);
}

static void extend(struct axis *axis, double value)
{
    if ( value < axis->low )
        axis->low = value;
    if ( value > axis->high )
        axis->high = value;
}

static void draw_line(FILE *s, const struct plot *plot, size_t index,
                      const struct axis *x, const struct axis *y)
{
    const struct plot_series *series = &plot->series[index];

    fprintf(s, "<path fill=\"none\" stroke-width=\"1.8\" stroke=\"%s\" d=\"",
            colours[index]);
    for ( size_t i = 0; i < plot->points; i++ )
        fprintf(s, "%c%.1f %.1f", i ? 'L' : 'M', place(x, plot->x[i]),
                place(y, series->y[i]));
    fprintf(s, "\"/>\n");
    for ( size_t i = 0; i < plot->points; i++ )
        fprintf(s, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\" fill=\"%s\"/>\n",
                place(x, plot->x[i]), place(y, series->y[i]), colours[index]);
    fprintf(s, "<text x=\"%.1f\" y=\"%.1f\" fill=\"%s\">%s</text>\n",
            WIDTH - RIGHT + 10, TOP + 12 + 16 * (double)index, colours[index],
            series->name);
}

void plot_lines(FILE *stream, const struct plot *plot)
{
    struct axis x = { plot->x[0], plot->x[0], LEFT, WIDTH - RIGHT,
                      plot->log_x };
    struct axis y = { plot->log_y ? plot->series[0].y[0] : 0,
                      plot->series[0].y[0], HEIGHT - BOTTOM, TOP,
                      plot->log_y };

    for ( size_t i = 0; i < plot->points; i++ )
    {
        extend(&x, plot->x[i]);
        for ( size_t j = 0; j < plot->count; j++ )
            extend(&y, plot->series[j].y[i]);
    }
    y.high *= 1.05;
    begin(stream, plot->title, plot->x_label, plot->y_label);
    draw_axes(stream, &x, &y);
    for ( size_t i = 0; i < plot->count; i++ )
        draw_line(stream, plot, i, &x, &y);
    fprintf(stream, "</svg>\n");
}

/* ---- distributions ---- */

static void draw_bars(FILE *s, const struct plot_distribution *plot,
                      const struct axis *x, const struct axis *y)
{
    for ( unsigned int i = 0; i < plot->bins; i++ )
    {
        double left = (double)plot->start(i);
        double right = (double)plot->start(i + 1);

        if ( !plot->bin[i] )
            continue;
        left = place(x, left < x->low ? x->low : left);
        right = place(x, right > x->high ? x->high : right);
        fprintf(s,
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
                "fill=\"#1f77b4\"/>\n",
                left, place(y, (double)plot->bin[i]),
                right - left > 1 ? right - left : 1,
                y->from - place(y, (double)plot->bin[i]));
    }
}

static void draw_mark(FILE *s, const struct plot_mark *mark,
                      unsigned int index, const struct axis *x)
{
    double at = (double)mark->value;

    at = place(x, at < x->low ? x->low : at > x->high ? x->high : at);
    fprintf(s,
            "<path d=\"M%.1f %.1fV%.1f\" stroke=\"%s\" "
            "stroke-dasharray=\"4 2\"/><text x=\"%.1f\" y=\"%.1f\" "
            "fill=\"%s\">%s %llu</text>\n",
            at, TOP, HEIGHT - BOTTOM, colours[index + 1], WIDTH - RIGHT + 10,
            TOP + 12 + 16 * index, colours[index + 1], mark->name,
            (unsigned long long)mark->value);
}

void plot_distribution(FILE *stream, const struct plot_distribution *plot)
{
    struct axis x = { HUGE_VAL, 1, LEFT, WIDTH - RIGHT, true };
    struct axis y = { 0, 1, HEIGHT - BOTTOM, TOP, false };

    for ( unsigned int i = 0; i < plot->bins; i++ )
        if ( plot->bin[i] )
        {
            extend(&x, (double)plot->start(i));
            extend(&x, (double)plot->start(i + 1));
            extend(&y, (double)plot->bin[i]);
        }
    if ( x.low < 1 || x.low == HUGE_VAL )
        x.low = 1; /* where a logarithm begins */
    if ( x.high < 2 * x.low )
        x.high = 2 * x.low;
    begin(stream, plot->title, plot->x_label, "how often");
    draw_axes(stream, &x, &y);
    draw_bars(stream, plot, &x, &y);
    for ( unsigned int i = 0; i < plot->marks; i++ )
        draw_mark(stream, &plot->mark[i], i, &x);
    fprintf(stream, "</svg>\n");
}
