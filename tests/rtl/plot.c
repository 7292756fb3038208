/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plot.h"

#include <math.h>
#include <stdio.h>

#define SIZE   480.0 /* of the square, SVG units */
#define LEFT   70.0
#define TOP    40.0
#define DECADE (SIZE / 4)

static double x_of(double cycles)
{
    return LEFT + DECADE * log10(cycles);
}

static double y_of(double cycles)
{
    return TOP + SIZE - DECADE * log10(cycles);
}

static void axes(FILE *out)
{
    for ( double v = 1; v < 20000; v *= 10 )
    {
        fprintf(out,
                "<path d=\"M%.1f %.1fV%.1fM%.1f %.1fH%.1f\" "
                "stroke=\"#ddd\"/>\n",
                x_of(v), TOP, TOP + SIZE, LEFT, y_of(v), LEFT + SIZE);
        fprintf(out,
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.0f"
                "</text>\n",
                x_of(v), TOP + SIZE + 18, v);
        fprintf(out,
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%.0f"
                "</text>\n",
                LEFT - 6, y_of(v) + 4, v);
    }
    fprintf(out, "<path d=\"M%.1f %.1fL%.1f %.1f\" stroke=\"#888\"/>\n",
            x_of(1), y_of(1), x_of(10000), y_of(10000));
    fprintf(out,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">cycles per "
            "request, measured on the RTL</text>\n",
            LEFT + SIZE / 2, TOP + SIZE + 40);
    fprintf(out,
            "<text transform=\"translate(18 %.1f) rotate(-90)\" "
            "text-anchor=\"middle\">by the cost law of the C models</text>\n",
            TOP + SIZE / 2);
}

static void legend(FILE *out)
{
    fprintf(out,
            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"none\" "
            "stroke=\"#36c\"/><text x=\"%.1f\" y=\"%.1f\">fitted</text>\n",
            LEFT + 20, TOP + 20, LEFT + 32, TOP + 24);
    fprintf(out,
            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"#c30\" "
            "fill-opacity=\".6\"/><text x=\"%.1f\" y=\"%.1f\">judged, unseen "
            "by the fit</text>\n",
            LEFT + 20, TOP + 42, LEFT + 32, TOP + 46);
}

static void points_of(FILE *out, const struct plot_point *points, size_t count)
{
    for ( size_t i = 0; i < count; i++ )
        fprintf(out,
                "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" %s><title>%s: "
                "measured %.2f, law %.2f</title></circle>\n",
                x_of(points[i].measured), y_of(points[i].predicted),
                points[i].fitted ? "fill=\"none\" stroke=\"#36c\"" :
                                   "fill=\"#c30\" fill-opacity=\".6\"",
                points[i].name, points[i].measured, points[i].predicted);
}

bool plot_write(const char *file, const struct plot_point *points,
                size_t count)
{
    FILE *out = fopen(file, "w");
    bool ok;

    if ( !out )
        return false;
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" "
            "height=\"%.0f\" font-family=\"sans-serif\" font-size=\"13\">\n"
            "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
            LEFT + SIZE + 30, TOP + SIZE + 60);
    axes(out);
    points_of(out, points, count);
    legend(out);
    fprintf(out, "</svg>\n");
    ok = !ferror(out);
    return !fclose(out) && ok;
}
